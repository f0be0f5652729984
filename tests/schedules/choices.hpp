#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace penstock::testing {

/// Bytes as decisions. When they have run out every decision is the first, which is always the harmless one: so a
/// shorter string is a simpler schedule.
class choices {
public:
    explicit choices(std::span<const std::uint8_t> bytes) : left_(bytes) {}

    bool exhausted() const noexcept { return left_.empty(); }

    std::uint8_t byte() noexcept {
        if (left_.empty()) return 0;
        const std::uint8_t one = left_.front();
        left_ = left_.subspan(1);
        return one;
    }
    /// From 0 to `most - 1`; `most` is 1 to 256.
    unsigned below(unsigned most) noexcept { return byte() % most; }
    /// True for about one of so many strings.
    bool one_in(unsigned many) noexcept { return byte() % many == many - 1; }

    template <class T, std::size_t Count>
    T pick(const T (&from)[Count]) noexcept {
        return from[below(Count)];
    }

private:
    std::span<const std::uint8_t> left_;
};

}  // namespace penstock::testing
