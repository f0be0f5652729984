#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "lockout.hpp"
#include "pace.hpp"
#include "penstock/stages/fetch/proxy_options.hpp"
#include "proxy_fault.hpp"
#include "sticky_keys.hpp"
#include "text_map.hpp"

namespace penstock::fetch_stage {

/// Decides which proxy an attempt goes through, and leaves those alone that fail. Without I/O or clock. One thread.
class proxy_pool {
public:
    struct rules {
        proxy_options::rotation policy = proxy_options::rotation::round_robin;
        unsigned per_proxy = 1;  ///< Attempts that may be under way through one.
        pace each = {};
        lockout::rules faults;
        std::chrono::milliseconds cool_down{0};
    };
    /// Throws `std::bad_alloc`.
    proxy_pool(std::size_t count, rules by, std::uint32_t seed);

    std::size_t size() const noexcept { return proxies_.size(); }

    /// What an attempt wants.
    struct asked {
        std::string_view target;               ///< Its origin.
        std::string_view key;                  ///< What has the same proxy under `sticky`.
        std::span<const std::uint32_t> tried;  ///< Taken only if there is no other.
    };
    struct choice {
        enum class what : unsigned char {
            go,          ///< Through `proxy`.
            wait,        ///< For `proxy`, which has no room now.
            no_way,      ///< All are locked out for this target, until then.
            locked_out,  ///< All are locked out for every target, until then.
        };
        what is = what::go;
        std::uint32_t proxy = 0;
        time_point until{};
    };
    /// Throws `std::bad_alloc`.
    choice choose(const asked& by, time_point now);
    /// True if there is a proxy that is not locked out for this target and not among those that were tried.
    bool has_other(std::string_view target, std::span<const std::uint32_t> tried, time_point now) const noexcept;

    /// An attempt goes through a proxy; it has ended.
    void begin(std::uint32_t proxy, time_point now) noexcept;
    void end(std::uint32_t proxy) noexcept;

    /// A target answered through the proxy, in an attempt that began then.
    void answered(std::uint32_t proxy, std::string_view target, time_point began) noexcept;
    /// A proxy spoiled an attempt. True if it is locked out for that. The key leaves it. Throws `std::bad_alloc`.
    bool faulted(std::uint32_t proxy, fault_scope scope, const asked& by, time_point began, time_point now);

    /// When this proxy takes another attempt, as far as its rate goes.
    time_point next_time(std::uint32_t proxy) const noexcept { return by_.each.next(proxies_[proxy].sent); }
    bool has_room(std::uint32_t proxy, time_point now) const noexcept {
        return is_free(proxy) && (!by_.each.bounded() || next_time(proxy) <= now);
    }
    bool is_free(std::uint32_t proxy) const noexcept { return proxies_[proxy].under_way < by_.per_proxy; }
    unsigned under_way(std::uint32_t proxy) const noexcept { return proxies_[proxy].under_way; }
    /// Until when a proxy is locked out for a target; in the past if it is not.
    time_point locked_until(std::uint32_t proxy, std::string_view target) const noexcept;
    bool locked(std::uint32_t proxy, std::string_view target, time_point now) const noexcept {
        return locked_until(proxy, target) > now;
    }

    /// True if every proxy is locked out as a whole.
    bool all_locked_out(time_point now) const noexcept;
    /// The proxy that is no longer locked out as a whole first, and when; it may be the past.
    choice first_to_return() const noexcept;

private:
    struct member {
        unsigned under_way = 0;
        std::uint64_t sent_in_all = 0;  ///< For `least_used`; one that returns has not fallen behind.
        bool was_out = false;
        pace::account sent{};
        lockout whole;
        text_map<lockout> targets;  ///< Only those that it has failed.
    };
    choice pick_least_used(const asked& by, bool tried_too, time_point now) const noexcept;
    choice pick(const asked& by, bool tried_too, time_point now);
    std::uint32_t better(std::uint32_t one, std::uint32_t other, time_point now) const noexcept;
    bool sooner(std::uint32_t one, std::uint32_t other) const noexcept;
    template <class Change>
    void use(std::uint32_t proxy, Change change) noexcept;
    void let_return(time_point now) noexcept;
    choice none_left(const asked& by, time_point now) const noexcept;

    rules by_;
    std::vector<member> proxies_;
    std::minstd_rand dice_;
    std::uint32_t next_ = 0;
    bool any_out_ = false;
    sticky_keys keys_;

    using rank = std::tuple<unsigned, std::uint64_t, std::uint32_t>;  ///< Under way, in all, and which proxy.
    std::set<rank> by_use_;                                           ///< For `least_used` only.
};

}  // namespace penstock::fetch_stage
