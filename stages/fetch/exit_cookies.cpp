#include "exit_cookies.hpp"

#include <utility>

namespace penstock::fetch_stage {

void exit_cookies::keep(std::string_view exit, std::string_view field, const split_url& from, const cookie_time& at) {
    if (exit.empty()) return common_.keep(field, from, at);
    auto one = read_cookie(field, from, at);
    if (!one) return;
    jar& to = jar_of(exit);
    count_ -= to.cookies.size();
    try {
        to.cookies.put(std::move(*one), at.now);
    } catch (...) {
        count_ += to.cookies.size();
        if (to.cookies.size() == 0) drop(to);
        throw;
    }
    count_ += to.cookies.size();
    if (to.cookies.size() == 0) drop(to);
    while (count_ > most) drop(*by_use_.front());
}

std::string exit_cookies::field_for(std::string_view exit, const split_url& to, time_point now) {
    const auto at = exit.empty() ? jars_.end() : jars_.find(exit);
    if (at == jars_.end()) return common_.field_for(to, now);
    by_use_.erase(*at->second);
    by_use_.push_back(*at->second);
    return common_.field_for(to, now, &at->second->cookies);
}

void exit_cookies::forget(std::string_view exit) noexcept {
    if (const auto at = jars_.find(exit); at != jars_.end()) drop(*at->second);
}

void exit_cookies::clear() noexcept {
    common_.clear();
    while (!by_use_.empty()) drop(*by_use_.front());
}

exit_cookies::jar& exit_cookies::jar_of(std::string_view exit) {
    auto at = jars_.find(exit);
    if (at == jars_.end()) {
        auto made = std::make_unique<jar>();
        made->exit = exit;
        at = jars_.emplace(made->exit, std::move(made)).first;
    } else {
        by_use_.erase(*at->second);
    }
    by_use_.push_back(*at->second);
    return *at->second;
}

void exit_cookies::drop(jar& one) noexcept {
    count_ -= one.cookies.size();
    by_use_.erase(one);
    jars_.erase(jars_.find(std::string_view(one.exit)));
}

}  // namespace penstock::fetch_stage
