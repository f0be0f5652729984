#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "cookie_jar.hpp"
#include "linked_list.hpp"
#include "text_map.hpp"

namespace penstock::fetch_stage {

/// The cookies of a session, apart for each exit: a proxy, or a session at it, by the name that `way::exit` has. What
/// was set by hand or came directly is common to all exits. What came through one goes out through no other, where it
/// goes in place of a common one. Without I/O or clock. One thread at a time.
class exit_cookies {
public:
    /// How many the exits may have together, besides the common ones; then the exit goes that was used the longest ago.
    static constexpr std::size_t most = 10'000;

    /// Puts a common one in. Throws `std::bad_alloc`.
    void put(cookie one, time_point now) { common_.put(std::move(one), now); }
    /// Takes the Set-Cookie field of an answer of this origin that came through an exit, empty for the direct way.
    /// Throws `std::bad_alloc`.
    void keep(std::string_view exit, std::string_view field, const split_url& from, const cookie_time& at);
    /// The value of a Cookie field for a request to this URL through an exit, which counts as used. Throws
    /// `std::bad_alloc`.
    std::string field_for(std::string_view exit, const split_url& to, time_point now);

    /// The exit is not gone through again.
    void forget(std::string_view exit) noexcept;
    void clear() noexcept;

    bool empty() const noexcept { return common_.size() == 0 && jars_.empty(); }
    /// How many exits have cookies.
    std::size_t exits() const noexcept { return jars_.size(); }

private:
    struct jar {
        std::string exit;
        cookie_jar cookies;
        list_link<jar> use;
    };
    jar& jar_of(std::string_view exit);
    void drop(jar& one) noexcept;

    cookie_jar common_;
    text_map<std::unique_ptr<jar>> jars_;  ///< None of them is empty.
    linked_list<jar, &jar::use> by_use_;   ///< The longest unused first.
    std::size_t count_ = 0;                ///< The cookies in `jars_`.
};

}  // namespace penstock::fetch_stage
