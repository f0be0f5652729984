#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "penstock/stages/fetch/fetch_options.hpp"

namespace penstock::fetch_stage {

using time_point = std::chrono::steady_clock::time_point;

/// Why an item is not tried again.
enum class giving_up : unsigned char {
    not_worth_it,  ///< Asking again changes nothing.
    no_attempts_left,
    no_time_left,        ///< The next attempt would begin after the item's deadline.
    asked_for_too_much,  ///< The server's Retry-After is longer than `max_backoff`, or than the item's time.
    no_budget_left,      ///< The origin was sent as many retries as it may.
};

/// When to try again, decided without clock or dice of its own.
class retry_policy {
public:
    explicit retry_policy(const fetch_options& options)
        : retries_(options.retries),
          backoff_(options.backoff),
          factor_(options.backoff_factor),
          max_backoff_(options.max_backoff) {}

    /// When the next attempt may begin, or why there is none. `attempts` have been made, 1 or more; `draw` is a random
    /// number from 0 to 1; `retry_after` is what the server asked for, 0 if nothing.
    std::variant<time_point, giving_up> next(unsigned attempts, time_point now, time_point deadline, double draw,
                                             std::chrono::seconds retry_after) const noexcept;

    /// How long a server that is too busy is left alone: as long as it asks for, up to `max_backoff`, and no shorter
    /// than the wait before the next attempt.
    std::chrono::nanoseconds pause(unsigned attempts, double draw, std::chrono::seconds retry_after) const noexcept;

private:
    std::chrono::nanoseconds drawn(unsigned attempts, double draw) const noexcept;

    unsigned retries_;
    std::chrono::milliseconds backoff_;
    double factor_;
    std::chrono::milliseconds max_backoff_;
};

}  // namespace penstock::fetch_stage
