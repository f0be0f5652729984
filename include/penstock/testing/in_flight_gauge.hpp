#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace penstock::testing {

/// Measures how many items are under way, and were at most, without asking the engine: what has gone in less what has
/// come out.
///
/// Where the chain's values can carry something, the source gives each a `token`: it counts while the value lives,
/// however often it is moved or copied. Where they cannot (a row that waits for its COMMIT has been encoded), a test
/// calls `enter` when the source gives an item and `leave` when it sees the item's rows from outside.
///
/// All members may be called from any thread. The gauge must outlive its tokens.
class in_flight_gauge {
public:
    /// One item; copies are the same item.
    class token {
    public:
        explicit token(in_flight_gauge& of) : inside_(std::make_shared<inside>(of)) {}

    private:
        struct inside {
            explicit inside(in_flight_gauge& gauge) : of(gauge) { of.enter(); }
            ~inside() { of.leave(); }
            inside(const inside&) = delete;
            inside& operator=(const inside&) = delete;
            in_flight_gauge& of;
        };
        std::shared_ptr<inside> inside_;
    };

    in_flight_gauge() = default;
    in_flight_gauge(const in_flight_gauge&) = delete;
    in_flight_gauge& operator=(const in_flight_gauge&) = delete;

    void enter(std::size_t items = 1) noexcept {
        const std::size_t now = now_.fetch_add(items) + items;
        std::size_t peak = peak_.load();
        while (peak < now && !peak_.compare_exchange_weak(peak, now)) {
        }
    }
    void leave(std::size_t items = 1) noexcept { now_.fetch_sub(items); }

    std::size_t now() const noexcept { return now_.load(); }
    std::size_t peak() const noexcept { return peak_.load(); }

private:
    std::atomic<std::size_t> now_{0};
    std::atomic<std::size_t> peak_{0};
};

}  // namespace penstock::testing
