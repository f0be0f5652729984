#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/detail/any_feed.hpp"
#include "penstock/page.hpp"
#include "penstock/request.hpp"
#include "penstock/stages/fetch/breaker_options.hpp"
#include "penstock/stages/fetch/proxy.hpp"
#include "penstock/stages/fetch/proxy_options.hpp"

namespace penstock {

/// How fetch downloads. Every field has a default that works; `fetch` refuses values that cannot work with
/// `bad_option`.
struct fetch_options {
    /// The most time of one attempt, from connecting to the last byte, its redirects included. 1 ms to 24 h. It does
    /// not run while the transfer is held up for `run_options::max_bytes_in_flight`.
    std::chrono::milliseconds timeout = std::chrono::seconds(30);

    /// The most time of an attempt for resolving the name, connecting and the TLS handshake. 1 ms to 24 h.
    std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);

    /// Further attempts after the first, 0 to 100, for failures that may pass: lost connections, timeouts, names that
    /// do not resolve, answers that were cut, and the statuses of `retry_on_status`.
    unsigned retries = 3;

    /// The wait before the first retry; each further one is `backoff_factor` times as long, 1 to 100, up to
    /// `max_backoff`; both waits are 0 to 24 h. The true wait is drawn between half of that and all of it, so that
    /// retries do not come in step. A longer Retry-After of the server is obeyed up to `max_backoff`; one beyond that
    /// or the item's deadline ends the item as `rate_limited`. A 429, and a 503 with Retry-After, keeps the whole
    /// origin waiting, not the item alone.
    std::chrono::milliseconds backoff = std::chrono::seconds(1);
    double backoff_factor = 2;
    std::chrono::milliseconds max_backoff = std::chrono::seconds(60);

    /// Statuses that are tried again, each 400 to 599. Never 401, 403 or 404: asking again changes nothing.
    std::vector<int> retry_on_status = {429, 500, 502, 503, 504};

    /// The retries that an origin is sent, as a share of the first attempts, 0 to 100; 100 and 10 more a second are
    /// allowed besides. An item whose retry is beyond that is dead with its failure. Retries that waited because the
    /// server asked for it (429, Retry-After) do not count.
    double retry_budget = 0.2;

    /// Redirects that are followed in one attempt, 0 to 20. A redirect never leads from https to http, to another
    /// scheme or to a target with a password; one to another origin loses all request headers but Accept,
    /// Accept-Language and User-Agent, and the Content-Type of a body that goes there (`resend_bodies`). A redirected
    /// transfer counts towards the origin where it began.
    unsigned max_redirects = 5;

    /// What becomes of a body when a redirect that keeps it (307, 308, and 301 and 302 unless the method is POST) leads
    /// to another origin: the item is dead as `redirect`, or the body is sent there too, with its Content-Type and
    /// without the request's `idempotency_key`: so once, unless the method may be repeated.
    bool resend_bodies = false;

    /// The most bytes of a body, decoded, 1 to 2^40. A longer one fails its item as `too_large` as soon as it is seen.
    std::size_t max_body = std::size_t{16} << 20;

    /// The most bytes of an answer's head, interim answers (1xx) and trailers included, 1,000 to 300,000.
    std::size_t max_head = 300'000;

    /// The most transfers under way at one origin (scheme, host, port) at once, 1 to 100,000; further items wait in
    /// their order.
    unsigned connections_per_host = 8;

    /// The most transfers under way at once in all, 1 to 100,000; `run_options::queue_size` and the process's limit of
    /// open files bound them too.
    unsigned connections = 100'000;

    /// Requests a second to one origin, and to all together, 0.0001 to 1,000,000; unbounded if not set. Retries count,
    /// redirects do not. After a rest so many may go at once, 1 to 100,000. Above 500 a second up to 2 ms' worth go at
    /// once in any case.
    std::optional<double> rate_per_host = std::nullopt;
    unsigned burst_per_host = 1;
    std::optional<double> rate = std::nullopt;
    unsigned burst = 1;

    /// The share of `run_options::queue_size` that items of one origin may take up while the server has it wait (429,
    /// Retry-After), 0.001 to 1, at least one item; and what becomes of those beyond it: they wait too, and when they
    /// fill the queue nothing more is admitted, or they are dead at once as `rate_limited`, so that other origins keep
    /// going. `fetch_figures` says how many.
    double parked_share = 0.1;
    enum class beyond_share : unsigned char { wait, die };
    beyond_share when_parked = beyond_share::wait;

    /// The proxies to go through, such as `{"http://p1:3128", "socks5h://p2:1080"}`; at most 100,000. With any, nothing
    /// ever goes directly: if all are locked out, the run ends with `end_reason::no_usable_proxy`. Without any,
    /// everything does. The environment's proxies are never used.
    std::vector<proxy> proxies = {};
    proxy_options proxying = {};

    /// When a target is taken for dead.
    breaker_options breaker = {};

    /// Sent with every request. A request's own header of the same name goes in its place.
    std::vector<header> headers = {};

    /// Asks for gzip and decodes it.
    bool compression = true;

    /// Refuses to connect to addresses that are not public: loopback, private, link-local, shared and reserved ones,
    /// and IPv6 forms of them. For URLs that come from strangers. It is the address that counts, at each connection
    /// that is made, redirects included, whatever name led to it; kept connections have passed that already.
    /// Refused together with `proxies`: then the proxy's address would be the one that is seen.
    bool deny_private_ranges = false;

    /// A file of CA certificates in PEM, for targets and for https proxies; empty for the system's.
    std::string ca_file = {};

    /// Hosts, such as "printer.local", whose certificates are not looked at: whoever is in between can read and change
    /// what is sent there. Everywhere else certificates are verified, also behind a redirect from such a host, and
    /// those of proxies always.
    /// `fetch_figures::unverified` counts. TLS is 1.2 or later in any case.
    std::vector<std::string> insecure_skip_verify = {};
};

namespace fetch_stage {
/// Throws `bad_option` for the first value that cannot work; its message names the field, the value and the cure, and
/// never the value of a header.
void check(const fetch_options& options);
}  // namespace fetch_stage

namespace detail {
class session;

/// The running part of `fetch`, for the session of a client if there is one. Throws `bad_option`.
std::unique_ptr<any_feed> make_fetch(fetch_options options, std::shared_ptr<session> keeps = nullptr);
}  // namespace detail

}  // namespace penstock
