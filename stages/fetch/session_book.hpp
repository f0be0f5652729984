#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "text_map.hpp"

namespace penstock::fetch_stage {

/// Names of sessions at the gateways of proxy providers, by which these tell one exit from another. Without clock. Any
/// thread.
class session_book {
public:
    /// How many renewals are remembered; the names of all of them change when there are more.
    static constexpr std::size_t most = 65'536;

    /// The same seed gives the same names: the first those of keys, the second the fresh ones.
    session_book(std::uint64_t of_keys, std::uint64_t of_fresh) noexcept : seed_(of_keys), fresh_seed_(of_fresh) {}

    /// A name that was never given before. Throws `std::bad_alloc`.
    std::string fresh();
    /// The name for a key at a proxy: the same until it is renewed. Throws `std::bad_alloc`.
    std::string of(std::uint32_t proxy, std::string_view key) const;
    /// The key wants another exit of that proxy than this one, which it may have got already. Throws `std::bad_alloc`.
    void renew(std::uint32_t proxy, std::string_view key, std::string_view failed);

private:
    static std::string entry(std::uint32_t proxy, std::string_view key);
    std::string name_of(std::uint32_t proxy, std::string_view key) const;

    mutable std::mutex mutex_;
    std::uint64_t seed_;
    const std::uint64_t fresh_seed_;
    std::uint64_t given_ = 0;
    text_map<std::uint64_t> renewed_;
};

}  // namespace penstock::fetch_stage
