#include "abort_rules.hpp"

#include <initializer_list>
#include <numeric>
#include <string_view>

namespace penstock {

namespace {

using counts = std::array<std::uint64_t, error_kind_count>;

std::uint64_t sum_of(const counts& errors, std::initializer_list<error_kind> kinds) {
    std::uint64_t sum = 0;
    for (const error_kind kind : kinds) sum += errors[static_cast<std::size_t>(kind)];
    return sum;
}

bool too_many(std::uint64_t errors, std::uint64_t judged, double rate, std::uint64_t min_sample) noexcept {
    // A hair less, so that a product that is not exact (0.07 of 100) is reached all the same.
    constexpr double hair = 1e-9;
    return rate > 0 && judged >= min_sample && errors > 0
           && static_cast<double>(errors) + hair >= rate * static_cast<double>(judged);
}

std::string broken(const abort_rule& rule, std::string_view name, std::uint64_t errors, std::uint64_t judged) {
    if (rule.failures != 0 && errors >= rule.failures) return std::string(name) + ".failures";
    if (too_many(errors, judged, rule.error_rate, rule.min_sample)) return std::string(name) + ".error_rate";
    return {};
}

}  // namespace

std::string threshold_reached(const abort_thresholds& when, std::uint64_t judged, const counts& errors) {
    const std::uint64_t all = std::accumulate(errors.begin(), errors.end(), std::uint64_t{0});
    if (too_many(all, judged, when.error_rate, when.min_sample)) return "error_rate";
    using enum error_kind;
    struct category {
        const abort_rule& rule;
        std::string_view name;
        std::uint64_t errors;
    };
    for (const auto& [rule, name, some] : {
             category{when.database, "database", sum_of(errors, {load})},
             category{when.io, "io", sum_of(errors, {local_resource})},
             category{when.proxy, "proxy", sum_of(errors, {proxy})},
             category{when.http, "http",
                      sum_of(errors, {timeout, bad_status, rate_limited, redirect, request, truncated, too_large})},
             category{when.parse, "parse", sum_of(errors, {parse})},
         })
        if (std::string name_of = broken(rule, name, some, judged); !name_of.empty()) return name_of;
    return {};
}

void abort_rules::good(std::size_t place) noexcept {
    if (place == 0) ++judged_;
    in_a_row_[place] = 0;
}

std::string abort_rules::bad(std::size_t place, error_kind kind) {
    if (place == 0) ++judged_;
    ++errors_[static_cast<std::size_t>(kind)];
    if (++in_a_row_[place] == when_.consecutive_failures) return "consecutive_failures";
    return threshold_reached(when_, judged_, errors_);
}

bool abort_thresholds::any() const noexcept {
    const auto set = [](const abort_rule& one) { return one.failures != 0 || one.error_rate > 0; };
    return consecutive_failures != 0 || error_rate > 0 || set(database) || set(io) || set(proxy) || set(http)
           || set(parse);
}

abort_thresholds usual_thresholds() noexcept {
    return {.consecutive_failures = 5,
            .error_rate = 0.20,
            .min_sample = 10,
            .database = {.failures = 1},
            .io = {.failures = 1},
            .proxy = {.error_rate = 0.30, .min_sample = 10},
            .http = {.error_rate = 0.20, .min_sample = 5},
            .parse = {.error_rate = 0.15, .min_sample = 5}};
}

std::optional<std::string> should_abort(const metrics_snapshot& figures, const abort_thresholds& when) {
    const std::uint64_t judged =
        figures[outcome::committed] + figures[outcome::dropped] + figures[outcome::dead] + figures[outcome::in_doubt];
    std::string reached = threshold_reached(when, judged, figures.errors);
    if (reached.empty()) return {};
    return reached;
}

}  // namespace penstock
