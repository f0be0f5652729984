#include "cookie_jar.hpp"

#include <algorithm>
#include <utility>

namespace penstock::fetch_stage {

namespace {

constexpr std::size_t most = 1000;
constexpr std::ptrdiff_t most_of_a_domain = 50;

bool same_place(const cookie& one, const cookie& other) noexcept {
    return one.name == other.name && one.domain == other.domain && one.path == other.path && one.port == other.port
           && one.host_only == other.host_only;
}

}  // namespace

void cookie_jar::keep(std::string_view field, const split_url& from, const cookie_time& at) {
    if (auto one = read_cookie(field, from, at)) put(std::move(*one), at.now);
}

void cookie_jar::put(cookie one, time_point now) {
    std::erase_if(cookies_, [now](const cookie& old) { return old.ends <= now; });
    const auto before =
        std::find_if(cookies_.begin(), cookies_.end(), [&](const cookie& old) { return same_place(old, one); });
    if (one.ends <= now) {
        if (before != cookies_.end()) cookies_.erase(before);
        return;
    }
    if (before != cookies_.end()) {
        *before = std::move(one);  // Keeps its place: it is as old as its first value.
        return;
    }
    const auto of_domain = [&](const cookie& old) { return old.domain == one.domain; };
    if (std::count_if(cookies_.begin(), cookies_.end(), of_domain) >= most_of_a_domain) {
        cookies_.erase(std::find_if(cookies_.begin(), cookies_.end(), of_domain));
    } else if (cookies_.size() >= most) {
        cookies_.erase(cookies_.begin());
    }
    cookies_.push_back(std::move(one));
}

bool cookie_jar::replaces(const cookie& other, time_point now) const noexcept {
    return std::any_of(cookies_.begin(), cookies_.end(),
                       [&](const cookie& one) { return one.ends > now && same_place(one, other); });
}

std::string cookie_jar::field_for(const split_url& to, time_point now, const cookie_jar* own) const {
    const std::string_view path = cookie_path(to);
    std::vector<const cookie*> chosen;
    for (const cookie& one : cookies_) {
        if (one.ends <= now || !one.is_for(to, path)) continue;
        if (own == nullptr || !own->replaces(one, now)) chosen.push_back(&one);
    }
    if (own != nullptr) {
        for (const cookie& one : own->cookies_) {
            if (one.ends > now && one.is_for(to, path)) chosen.push_back(&one);
        }
    }
    std::stable_sort(chosen.begin(), chosen.end(),
                     [](const cookie* a, const cookie* b) { return a->path.size() > b->path.size(); });
    std::string field;
    for (const cookie* one : chosen) {
        if (!field.empty()) field += "; ";
        field.append(one->name).append("=").append(one->value);
    }
    return field;
}

}  // namespace penstock::fetch_stage
