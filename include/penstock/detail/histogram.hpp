#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace penstock::detail {

/// Counts of values by size, log-linear: 16 buckets to each power of two, so that a quantile is right within 1/16.
/// Values are whole and positive; those from 2^40 on share the last bucket. Written and read without a lock.
class histogram {
public:
    void record(std::uint64_t value) noexcept { counts_[bucket_of(value)].fetch_add(1, std::memory_order_relaxed); }

    /// The value that a share `q` (0 to 1) of all recorded values do not exceed; 0 if there are none.
    std::uint64_t quantile(double q) const noexcept {
        std::uint64_t total = 0;
        for (const auto& count : counts_) total += count.load(std::memory_order_relaxed);
        if (total == 0) return 0;
        const auto wanted = static_cast<std::uint64_t>(q * static_cast<double>(total - 1)) + 1;
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            seen += counts_[i].load(std::memory_order_relaxed);
            if (seen >= wanted) return upper_bound_of(i);
        }
        return upper_bound_of(counts_.size() - 1);
    }

private:
    static constexpr unsigned sub_bits = 4;
    static constexpr unsigned max_bits = 40;
    static constexpr std::size_t buckets = (max_bits - sub_bits + 1) << sub_bits;

    static std::size_t bucket_of(std::uint64_t value) noexcept {
        const auto width = static_cast<unsigned>(std::bit_width(value));
        if (width <= sub_bits) return static_cast<std::size_t>(value);
        if (width > max_bits) return buckets - 1;
        const unsigned shift = width - sub_bits - 1;
        return (std::size_t{shift} << sub_bits) + static_cast<std::size_t>(value >> shift);
    }
    static std::uint64_t upper_bound_of(std::size_t bucket) noexcept {
        if (bucket < (std::size_t{2} << sub_bits)) return bucket;
        const std::size_t shift = (bucket >> sub_bits) - 1;
        const std::uint64_t base = (bucket & ((1U << sub_bits) - 1)) + (1U << sub_bits);
        return ((base + 1) << shift) - 1;
    }

    std::array<std::atomic<std::uint64_t>, buckets> counts_{};
};

}  // namespace penstock::detail
