#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "attempt_clocks.hpp"
#include "block_pool.hpp"
#include "body_budget.hpp"
#include "classify.hpp"
#include "curl_handles.hpp"
#include "head_reader.hpp"
#include "host_queue.hpp"
#include "penstock/page.hpp"
#include "proxy_fault.hpp"
#include "session.hpp"
#include "socket_set.hpp"
#include "way.hpp"

namespace penstock::fetch_stage {

class transfer;

/// Who is told of what happens inside libcurl's callbacks.
class transfer_listener {
public:
    /// The name of a job's host was resolved, or that of the proxy that it goes through.
    virtual void name_known(const job& of) noexcept = 0;
    /// There is no room for the next bytes of its body: libcurl keeps them until it is told to go on.
    virtual void held_up(transfer& one) noexcept = 0;

protected:
    ~transfer_listener() = default;
};

/// One easy handle with what it receives, used for one attempt after the other. It stays with one multi handle, and
/// only what differs from the attempt before is set again. One thread.
class transfer : public idle_place, public timed_attempt, public body_share {
public:
    struct surroundings {
        const fetch_options& options;
        curl_slist* headers;  ///< For requests without headers of their own. Outlives the transfer.
        CURLSH* share;
        detail::block_pool& blocks;
        body_budget& bodies;
        socket_set& sockets;
        transfer_listener& listener;
        detail::session* session = nullptr;  ///< Of the client that this is for, if it is for one.
    };
    /// Throws `std::bad_alloc`.
    transfer(const surroundings& around, unsigned multi);
    transfer(const transfer&) = delete;
    transfer& operator=(const transfer&) = delete;

    job* work = nullptr;  ///< What it is sending; null while it is idle.
    bool in_multi = false;

    CURL* easy() const noexcept { return easy_.get(); }
    unsigned multi() const noexcept { return multi_; }

    /// Makes ready for an attempt of a job. Throws `std::bad_alloc`; false with a reason if libcurl refuses the URL.
    bool begin(job& one, std::string& why_not);
    /// What is to be known about the way of its attempt, best before it is taken out of its multi handle.
    proxied_facts way_facts(const way& through) const noexcept;
    /// Makes ready for the next hop of the same attempt, to which an answer with this status has led.
    bool begin_hop(std::string url, bool same_origin, int status, std::string& why_not);
    /// Goes on after it was held up; what libcurl has kept comes at once. False if the transfer has failed for that.
    bool go_on() noexcept { return curl_easy_pause(easy_.get(), CURLPAUSE_CONT) == CURLE_OK; }
    /// The method of the hop.
    std::string_view method() const noexcept { return method_; }
    /// True if the hop sends the request's body.
    bool with_body() const noexcept { return with_body_; }
    /// True if another attempt cannot make the server do a thing twice. After the end of an attempt.
    bool may_be_sent_again() const noexcept;
    /// True if the hop is sent to a server whose certificate is not looked at.
    bool unverified() const noexcept { return unverified_; }
    /// Has the session keep the cookies of the head that has arrived. Throws `std::bad_alloc`.
    void keep_cookies() const;
    /// Lets go of what an attempt left behind.
    void end() noexcept;

    const head_reader& head() const noexcept { return head_; }
    unsigned hops() const noexcept { return hops_; }
    /// True if there may be a kept connection for it. Then libcurl was not told of `connect_timeout`, and the caller
    /// must watch it: the clock for it costs, and of those who say they need it, most turn out not to.
    bool warm() const noexcept { return warm_; }
    /// Where it was last sent.
    std::string_view url() const noexcept { return url_; }
    /// True if a hop that ended with this result has brought a page, without looking further.
    bool is_page(CURLcode result) const noexcept {
        return result == CURLE_OK && seen_ == trouble::none && head_.now() == head_reader::state::complete
               && head_.status() >= 200 && head_.status() <= 299;
    }
    /// What `classify` wants to know; `shown_url` must outlive the answer. After the end of a hop.
    attempt_facts facts(CURLcode result, std::string_view shown_url) const noexcept;
    /// The same for an attempt that was given up under way, because a time was over; it is in `detail`'s words.
    attempt_facts facts_of_timeout(phase reached, std::string_view detail, std::string_view shown_url) const noexcept;
    phase reached() const noexcept;
    /// Adds the time of a hop that has just ended, and says that of all hops of the attempt.
    std::chrono::microseconds add_time() noexcept;
    long new_connections() const noexcept;
    std::chrono::seconds retry_after() const noexcept;

    /// The page that has arrived. Moves the body out; its texts are good until the next attempt.
    page::parts take_page() noexcept;

private:
    static std::size_t on_head(char* line, std::size_t size, std::size_t count, void* self) noexcept;
    static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
    static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
    static int on_close(void* sockets, curl_socket_t fd) noexcept;

    void set_up();
    bool promises_too_much() const noexcept;
    enum class kept : unsigned char { all, refused, not_yet };
    kept keep_body(std::string_view bytes);
    bool aim(const job& one, std::string& why_not);
    bool aim_anywhere(const char* url, std::string& why_not);
    void use_headers(header_list own);
    header_list own_headers(bool safe_only) const;
    void use_method();
    void use_connections() noexcept;
    void use_verification() noexcept;
    void use_connect_timeout(bool by_libcurl) noexcept;
    void use_way(const way& through);
    void leave_way() noexcept;
    void make_room(std::size_t size);
    void clear_answer() noexcept;
    void have_job_near() const noexcept;
    void have_slot_near() const noexcept;

    surroundings around_;
    unsigned multi_;
    easy_handle easy_;
    url_handle target_;
    header_list own_headers_;
    bool safe_headers_only_ = false;
    bool plain_ = true;  ///< The request is, and so is each of its hops.
    std::string_view method_ = "GET";
    bool with_body_ = false;
    bool unverified_ = false;
    bool sends_once_ = false;     ///< The hop must not arrive twice.
    bool sent_once_ = false;      ///< Nor must one before it.
    bool connects_anew_ = false;  ///< libcurl is to make a new connection.
    bool set_to_get_ = true;      ///< libcurl is to send a GET without more ado, as it does by itself.
    std::uint64_t aimed_at_ = 0;  ///< The id of the `host_queue` whose origin `target_` holds; 0 for another.
    bool target_has_query_ = false;
    bool connect_timeout_set_ = false;
    bool warm_ = false;
    bool served_ = false;  ///< The last attempt left a connection that could be kept.

    std::uint64_t way_id_ = 0;      ///< The identity that libcurl was told of; 0 for none that lasts.
    bool shares_identity_ = false;  ///< It holds the identity's share.
    bool made_connection_ = false;
    curl_socket_t opened_ = CURL_SOCKET_BAD;  ///< The last socket that this attempt opened.

    head_reader head_;
    padded_bytes body_;
    std::size_t discarded_ = 0;
    trouble seen_ = trouble::none;
    bool local_shortage_ = false;
    bool address_denied_ = false;
    // Views of the request, which rests cold in its slot until the page is made.
    std::string_view url_;  ///< Of the hop: the request's, or `hop_url_`.
    std::string_view tag_;
    std::string hop_url_;
    unsigned hops_ = 0;
    std::chrono::microseconds took_{0};
    std::array<char, CURL_ERROR_SIZE> error_{};
};

}  // namespace penstock::fetch_stage
