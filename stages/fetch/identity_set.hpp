#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "curl_handles.hpp"
#include "linked_list.hpp"
#include "text_map.hpp"

namespace penstock::fetch_stage {

/// What is kept for one exit: a proxy, or one of its sessions.
struct identity {
    std::string exit;      ///< As in `way`.
    std::uint64_t id = 0;  ///< Never used again for another.
    unsigned users = 0;    ///< Attempts under way.
    share_handle share;    ///< Its connections and TLS sessions.
    list_link<identity> rest;
};

/// The identities of a run. libcurl asks neither every version nor every kind of proxy for the login before it takes a
/// kept connection again, so each identity has its connections and TLS sessions to itself. One thread.
class identity_set {
public:
    /// The one of an exit, in use from here on. Throws `std::bad_alloc`.
    identity& take(const std::string& exit);
    /// No longer in use by this attempt; no easy handle may know its share any more.
    void give_back(identity& one) noexcept;
    /// Lets the identity go that has not been used for the longest time, with its connections; false if all are in
    /// use.
    bool drop_one() noexcept;

    std::size_t size() const noexcept { return all_.size(); }

private:
    text_map<std::unique_ptr<identity>> all_;
    linked_list<identity, &identity::rest> resting_;  ///< The longest first.
    std::uint64_t next_id_ = 1;
};

}  // namespace penstock::fetch_stage
