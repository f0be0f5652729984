#include "transfer.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "private_ranges.hpp"
#include "request_rules.hpp"

namespace penstock::fetch_stage {

namespace {

/// True if there is an escape such as %2F: libcurl writes it small when it gets it in a part of a URL, and leaves it
/// alone in a whole one.
bool has_large_escape(std::string_view url) noexcept {
    for (std::size_t at = url.find('%'); at != std::string_view::npos; at = url.find('%', at + 1)) {
        const std::string_view code = url.substr(at + 1, 2);
        if (std::any_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'F'; })) return true;
    }
    return false;
}

}  // namespace

transfer::transfer(const surroundings& around, unsigned multi)
    : around_(around), multi_(multi), easy_(curl_easy_init()), target_(curl_url()), head_(around.options.max_head) {
    if (easy_ == nullptr || target_ == nullptr) throw std::bad_alloc();
    set_up();
}

void transfer::set_up() {
    CURL* const easy = easy_.get();
    bool well = true;
    const auto set = [&](CURLoption option, auto value) {
        well = well && curl_easy_setopt(easy, option, value) == CURLE_OK;
    };
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOPROXY, "");
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // A tunnel's head is no answer.
    set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_QUICK_EXIT, 1L);
    set(CURLOPT_SHARE, around_.share);
    set(CURLOPT_CURLU, target_.get());
    set(CURLOPT_PRIVATE, this);
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_HEADERFUNCTION, &on_head);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_OPENSOCKETFUNCTION, &on_open);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_CLOSESOCKETFUNCTION, &on_close);
    set(CURLOPT_CLOSESOCKETDATA, &around_.sockets);  // A connection may outlive the transfer that opened it.
    set(CURLOPT_HTTPHEADER, around_.headers);
    if (around_.options.compression) set(CURLOPT_ACCEPT_ENCODING, "gzip");
    const std::string& authorities = around_.options.ca_file;
    if (!authorities.empty()) set(CURLOPT_CAINFO, authorities.c_str());
    if (!around_.options.proxies.empty()) {
        set(CURLOPT_PROXY_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        if (!authorities.empty()) set(CURLOPT_PROXY_CAINFO, authorities.c_str());
    }
    if (!well) throw std::bad_alloc();
}

void transfer::use_connect_timeout(bool by_libcurl) noexcept {
    if (by_libcurl == connect_timeout_set_) return;
    connect_timeout_set_ = by_libcurl;
    curl_easy_setopt(easy_.get(), CURLOPT_CONNECTTIMEOUT_MS,
                     by_libcurl ? static_cast<long>(around_.options.connect_timeout.count()) : 0L);
}

bool transfer::aim(const job& one, std::string& why_not) {
    const std::string_view url = one.url;  // Of a string, so that a NUL follows it.
    const split_url& parts = one.where;
    if (aimed_at_ != one.host->id || (parts.has_query && parts.query.empty()) || has_large_escape(url)) {
        if (!aim_anywhere(std::string(url.substr(0, url.find('#'))).c_str(), why_not)) return false;
        aimed_at_ = one.host->id;
        target_has_query_ = parts.has_query;
        return true;
    }
    // The same origin as before: libcurl need not read the whole URL again.
    CURLUcode code = CURLUE_OK;
    if (parts.path.empty()) {
        code = curl_url_set(target_.get(), CURLUPART_PATH, "/", 0);
    } else if (parts.path.data() + parts.path.size() == url.data() + url.size()) {
        code = curl_url_set(target_.get(), CURLUPART_PATH, parts.path.data(), 0);
    } else {
        code = curl_url_set(target_.get(), CURLUPART_PATH, std::string(parts.path).c_str(), 0);
    }
    if (code == CURLUE_OK && (parts.has_query || target_has_query_)) {
        code = curl_url_set(target_.get(), CURLUPART_QUERY,
                            parts.has_query ? std::string(parts.query).c_str() : nullptr, 0);
        target_has_query_ = parts.has_query;
    }
    if (code == CURLUE_OUT_OF_MEMORY) throw std::bad_alloc();
    if (code != CURLUE_OK) why_not = curl_url_strerror(code);
    return code == CURLUE_OK;
}

bool transfer::aim_anywhere(const char* url, std::string& why_not) {
    aimed_at_ = 0;
    // As a path is left that is set by itself. The URL of a hop has no dots left to be resolved.
    const CURLUcode code = curl_url_set(target_.get(), CURLUPART_URL, url, CURLU_PATH_AS_IS);
    if (code == CURLUE_OUT_OF_MEMORY) throw std::bad_alloc();
    if (code != CURLUE_OK) why_not = curl_url_strerror(code);
    return code == CURLUE_OK;
}

bool transfer::begin(job& one, std::string& why_not) {
    clear_answer();
    hops_ = 0;
    hop_url_.clear();
    took_ = {};
    safe_headers_only_ = false;
    sent_once_ = false;
    work = &one;
    url_ = one.url;
    tag_ = one.tag;
    use_way(one.through);
    plain_ = one.plain;
    method_ = plain_ ? std::string_view("GET") : std::string_view(one.asked().method);
    with_body_ = !plain_ && sends_body(one.asked());
    use_headers(own_headers(false));
    use_method();
    use_connections();
    use_verification();
    // To a new connection libcurl's own clock gives each of the host's addresses a share of the time.
    warm_ = std::exchange(served_, false) && aimed_at_ == one.host->id && !one.stuck
            && (plain_ || may_be_repeated(one.asked()));
    use_connect_timeout(!warm_);
    return aim(one, why_not);
}

bool transfer::begin_hop(std::string url, bool same_origin, int status, std::string& why_not) {
    clear_answer();
    ++hops_;
    sent_once_ = sent_once_ || sends_once_;
    hop_url_ = std::move(url);
    url_ = hop_url_;
    const std::string_view method = method_after(status, method_);
    const bool changes = method != method_ || (with_body_ && !keeps_body(status, method_));
    if (changes) {
        method_ = method;
        with_body_ = false;
    }
    // For the rest of the attempt, also if it should lead back.
    const bool leaves = !same_origin && !safe_headers_only_;
    safe_headers_only_ = safe_headers_only_ || leaves;
    if (leaves || changes || around_.session != nullptr) use_headers(own_headers(safe_headers_only_));
    use_method();
    use_connections();
    use_verification();
    warm_ = false;
    use_connect_timeout(true);
    return aim_anywhere(hop_url_.c_str(), why_not);
}

void transfer::clear_answer() noexcept {
    head_.clear();
    body_.clear();
    discarded_ = 0;
    seen_ = trouble::none;
    local_shortage_ = false;
    address_denied_ = false;
    made_connection_ = false;
    opened_ = CURL_SOCKET_BAD;
    error_[0] = '\0';
}

void transfer::end() noexcept {
    work = nullptr;
    url_ = tag_ = {};
    leave_way();
    body_ = padded_bytes();
}

// A job and its slot have not been touched since the request was sent, and with many in flight they are in no cache any
// more. Once the head arrives, they will all be needed within a few microseconds, one pointer after the other.

void transfer::have_job_near() const noexcept {
    __builtin_prefetch(url_.data());
    __builtin_prefetch(work, 1);
    __builtin_prefetch(&work->deadline, 1);
}

void transfer::have_slot_near() const noexcept {
    const char* const item = reinterpret_cast<const char*>(work->item);
    for (std::size_t at = 0; at < sizeof(detail::slot); at += 64) __builtin_prefetch(item + at, 1);
}

std::size_t transfer::on_head(char* line, std::size_t size, std::size_t count, void* self) noexcept {
    auto& me = *static_cast<transfer*>(self);
    try {
        if (!me.head_.any()) me.have_job_near();
        switch (me.head_.add({line, size * count})) {
            case head_reader::state::complete:
                me.have_slot_near();
                if (me.promises_too_much()) {
                    me.seen_ = trouble::body_too_large;
                    return 0;
                }
                return size * count;
            case head_reader::state::reading: return size * count;
            case head_reader::state::too_large: me.seen_ = trouble::head_too_large; return 0;
            case head_reader::state::contradictory: me.seen_ = trouble::contradictory_head; return 0;
        }
    } catch (...) {
        me.seen_ = trouble::no_memory;
    }
    return 0;
}

curl_socket_t transfer::on_open(void* self, curlsocktype, curl_sockaddr* address) noexcept {
    auto& me = *static_cast<transfer*>(self);
    if (me.hops_ == 0 && me.work != nullptr) me.around_.listener.name_known(*me.work);
    // libcurl goes on to the name's next address, if it has one.
    if (me.around_.options.deny_private_ranges && is_private(address->addr)) {
        me.address_denied_ = true;
        return CURL_SOCKET_BAD;
    }
    const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
    if (fd < 0) {
        me.local_shortage_ = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        return CURL_SOCKET_BAD;
    }
    try {
        me.around_.sockets.opened(fd);
    } catch (...) {
        me.seen_ = trouble::no_memory;
        ::close(fd);
        return CURL_SOCKET_BAD;
    }
    me.made_connection_ = true;
    me.opened_ = fd;
    return fd;
}

int transfer::on_close(void* sockets, curl_socket_t fd) noexcept {
    static_cast<socket_set*>(sockets)->closed(fd);
    return ::close(fd);
}

}  // namespace penstock::fetch_stage
