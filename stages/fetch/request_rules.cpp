#include "request_rules.hpp"

#include <algorithm>
#include <array>

#include "ascii.hpp"
#include "header_rules.hpp"

namespace penstock::detail {

bool is_method(std::string_view text) noexcept {
    constexpr std::size_t longest = 32;
    return !text.empty() && text.size() <= longest
           && std::all_of(text.begin(), text.end(), fetch_stage::is_token_character);
}

}  // namespace penstock::detail

namespace penstock::fetch_stage {

namespace {

bool is_one_of(std::string_view one, std::initializer_list<std::string_view> these) noexcept {
    return std::find(these.begin(), these.end(), one) != these.end();
}

bool describes_body(std::string_view name) noexcept {
    return same_name(name.substr(0, sizeof "Content-" - 1), "Content-") || same_name(name, "Idempotency-Key");
}

}  // namespace

bool sends_body(const request& asked) noexcept {
    return !asked.body.bytes.empty() || is_one_of(asked.method, {"POST", "PUT", "PATCH"});
}

bool is_idempotent(std::string_view method) noexcept {
    return is_one_of(method, {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"});
}

bool may_be_repeated(const request& asked) noexcept {
    return !asked.idempotency_key.empty() || is_idempotent(asked.method);
}

std::string_view method_after(int status, std::string_view method) noexcept {
    if (status == 303 && method != "HEAD") return "GET";
    if ((status == 301 || status == 302) && method == "POST") return "GET";
    return method;
}

bool keeps_body(int status, std::string_view method) noexcept {
    return status != 303 && method_after(status, method) == method;
}

std::string problem_of(const request& asked) {
    if (!detail::is_method(asked.method)) return "the request's method is none; give GET, POST and the like";
    if (same_name(asked.method, "CONNECT")) return "the request's method is CONNECT, which only proxies are asked for";
    if (asked.method == "HEAD" && sends_body(asked)) return "the request's method is HEAD, which has no body";
    const auto wrong = [](std::string_view what, const std::string& value) {
        const std::string_view problem = problem_of(header{"X", value});
        return problem.empty() ? std::string() : std::string(what) + ' ' + std::string(problem);
    };
    std::string problem = wrong("the request's content_type", asked.body.content_type);
    if (problem.empty()) problem = wrong("the request's auth", asked.auth.value().reveal());
    if (problem.empty()) problem = wrong("the request's idempotency_key", asked.idempotency_key);
    return problem;
}

std::vector<header> fields_of(const request& asked, bool with_body) {
    std::vector<header> fields;
    for (const header& field : asked.headers) {
        if (with_body || !sends_body(asked) || !describes_body(field.name)) fields.push_back(field);
    }
    const auto add = [&](std::string_view name, const std::string& value) {
        const bool given = std::any_of(asked.headers.begin(), asked.headers.end(),
                                       [&](const header& field) { return same_name(field.name, name); });
        if (!value.empty() && !given) fields.push_back({std::string(name), value});
    };
    if (with_body) add("Content-Type", asked.body.content_type);
    if (with_body || !sends_body(asked)) add("Idempotency-Key", asked.idempotency_key);
    add("Authorization", asked.auth.value().reveal());
    return fields;
}

}  // namespace penstock::fetch_stage
