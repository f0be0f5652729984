#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "retry_policy.hpp"
#include "text_map.hpp"

namespace penstock::fetch_stage {

/// Which key has which proxy, of the keys that were used last. Without clock. One thread.
class sticky_keys {
public:
    /// How many are known at once; the one unused the longest is forgotten for the next.
    static constexpr std::size_t most = 65'536;
    static constexpr std::uint32_t none = UINT32_MAX;

    /// Throws `std::bad_alloc`.
    explicit sticky_keys(std::size_t proxies) : held_(proxies) {}

    /// The proxy of a key, which counts as used now; `none` if it has none.
    std::uint32_t find(std::string_view key) noexcept;
    /// Gives a key that has none a proxy. Throws `std::bad_alloc`, and has done nothing then.
    void give(std::string_view key, std::uint32_t proxy, time_point now);
    /// The key leaves its proxy, if it has this one.
    void leave(std::string_view key, std::uint32_t proxy, time_point now) noexcept;

    std::size_t size() const noexcept { return by_key_.size(); }
    /// How many keys have this proxy.
    std::size_t count(std::uint32_t proxy) const noexcept { return held_[proxy].keys; }
    /// When a key last left it.
    time_point left(std::uint32_t proxy) const noexcept { return held_[proxy].left; }
    bool was_left(std::uint32_t proxy) const noexcept { return held_[proxy].was_left; }

private:
    struct place {
        std::uint32_t proxy = none;
        std::list<std::string_view>::iterator use;
    };
    struct hold {
        std::size_t keys = 0;
        bool was_left = false;
        time_point left{};
    };
    void release(text_map<place>::iterator at, time_point now) noexcept;

    text_map<place> by_key_;
    std::list<std::string_view> by_use_;  ///< Of the keys in the map; the last used first.
    std::vector<hold> held_;
};

}  // namespace penstock::fetch_stage
