#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "linked_list.hpp"

namespace penstock::fetch_stage {

/// What a transfer holds of the bytes that may be in flight.
struct body_share {
    std::size_t received = 0;  ///< Bytes of its body so far.
    std::size_t expected = 0;  ///< How many there will be, as far as one knows.
    std::size_t refused = 0;   ///< What it wanted when it was held up; 0 while it may go on.
    list_link<body_share> by_age;
    list_link<body_share> by_wait;
};

/// Decides which transfers may begin and go on, so that the bodies in flight stay below a bound: those that are
/// arriving, and those of finished pages until somebody lets them go.
///
/// A transfer whose next bytes would exceed the bound is held up. So that many half-done ones do not wait for each
/// other for ever, the oldest may always go on, one at a time and only if nothing was above the bound when it was
/// given the right: the bytes in flight never exceed the bound by more than one body. Without I/O or clock. One thread.
class body_budget {
public:
    explicit body_budget(std::uint64_t most) : most_(most) {}

    /// True if there is room for one more body, by the size of those before.
    bool may_begin() const noexcept {
        if (under_way_.empty()) return held() <= most_;
        return waiting_.empty() && held() + awaited_ + usual_size() <= most_;
    }
    void begin(body_share& one) noexcept;
    /// The size of its body has become known.
    void expect(body_share& one, std::size_t size) noexcept;

    /// True if so many further bytes may be kept. False if it is held up: until `next_to_go_on` returns it.
    bool take(body_share& one, std::size_t bytes) noexcept;
    /// One that may go on; null if there is none.
    body_share* next_to_go_on() noexcept;

    /// It has become a page, whose bytes stay in flight until they are released.
    void finish(body_share& one) noexcept;
    /// It ended without a page. Does nothing for one that is not under way.
    void drop(body_share& one) noexcept;

    /// How many bytes of pages were released so far, in all.
    void set_released(std::uint64_t released) noexcept { released_ = released; }
    /// How much must have been released in all before anything here changes; `UINT64_MAX` if nobody waits for that.
    std::uint64_t wanted(bool one_waits_to_begin) const noexcept;

    /// True if there are pages that nobody has let go yet.
    bool pages_out() const noexcept { return finished_ != released_; }
    bool anyone_held_up() const noexcept { return !waiting_.empty(); }
    /// Bytes in flight.
    std::uint64_t held() const noexcept { return charged_ - released_; }
    /// The bytes of all bodies so far but those that came to nothing, and of these, those of pages.
    std::uint64_t charged() const noexcept { return charged_; }
    std::uint64_t finished() const noexcept { return finished_; }
    std::uint64_t peak() const noexcept { return peak_; }

private:
    using ages = linked_list<body_share, &body_share::by_age>;
    using waits = linked_list<body_share, &body_share::by_wait>;

    static std::uint64_t left_of(const body_share& one) noexcept {
        return one.expected > one.received ? one.expected - one.received : 0;
    }
    static std::uint64_t need_of(const body_share& one) noexcept {
        return std::max<std::uint64_t>(left_of(one), one.refused);
    }
    std::uint64_t usual_size() const noexcept { return usual_size_x8_ / 8; }
    body_share* foremost() noexcept;
    void go_on(body_share& one) noexcept;
    void leave(body_share& one) noexcept;

    std::uint64_t most_;
    std::uint64_t charged_ = 0;
    std::uint64_t finished_ = 0;
    std::uint64_t released_ = 0;
    std::uint64_t awaited_ = 0;  // What is still expected for those that are not held up.
    std::uint64_t peak_ = 0;
    std::uint64_t usual_size_x8_ = 8 * std::uint64_t{64 << 10};  // Smoothed; before the first, a guess.
    ages under_way_;
    waits waiting_;
    body_share* foremost_ = nullptr;  // Has the right to exceed the bound.
};

}  // namespace penstock::fetch_stage
