#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::testing {

namespace detail {
class http_loop;
}

/// Header fields in the order of the wire: name, value. A name may occur more than once.
using http_headers = std::vector<std::pair<std::string, std::string>>;

/// One request as it arrived. A plain value: it stays valid after the connection and the server
/// are gone.
struct http_request {
    std::string method = {};
    /// Path and query exactly as sent, not decoded.
    std::string target = {};
    http_headers headers = {};
    std::string body = {};
    /// Which connection of the server it came in on, counted from 1.
    std::uint64_t connection = 0;
    /// Which request of that connection it was, counted from 1.
    std::uint64_t ordinal = 0;

    /// The value of the first header of this name in any case, or nothing. The view lives as long
    /// as this request.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

/// How the client is told where a body ends.
enum class http_framing {
    /// By a Content-Length header.
    content_length,
    /// By chunks: one for each repetition of the body, and a last empty one.
    chunked,
    /// By the end of the connection; says Connection: close.
    close_delimited,
};

/// An answer, and the faults to put into it. All fields default to a plain 200 without faults.
///
/// Sizes are in bytes. Where several faults are set the one that comes first on the wire wins; at
/// the same byte a cut wins over a stall. A Content-Length, Transfer-Encoding or Connection header
/// given in `headers` is sent as it is and replaces the server's own, so any lie can be told.
struct http_response {
    int status = 200;
    /// Empty for the usual phrase of the status.
    std::string reason = {};
    http_headers headers = {};
    std::string body = {};
    /// How often the body is sent. One stored copy serves them all, so a huge number is an endless
    /// body that ends when the peer closes. The announced length stops at 2^63 - 1.
    std::size_t body_repeat = 1;
    http_framing framing = http_framing::content_length;

    /// How long nothing is sent, counted from the handler's return; at most a year. A peer that
    /// closes meanwhile is let go at once; so is one that only shuts down its sending side.
    std::chrono::milliseconds delay{0};
    /// Sends this Content-Length instead of the true one. Nothing else changes: without
    /// `close_after` or a cut, a client that was promised too much waits.
    std::optional<std::uint64_t> declared_length = {};
    /// Closes after so many bytes of the head, at most all of it.
    std::optional<std::size_t> cut_head_after = {};
    /// Closes after the head and so many bytes of the body, repetitions included and the marks of
    /// the chunks not counted. A chunked body that is cut never gets its last chunk.
    std::optional<std::size_t> cut_body_after = {};
    /// Ends the connection with RST instead of FIN: at the cut, or after the whole answer where
    /// there is no cut. What was sent before arrives before the RST.
    bool reset = false;
    /// Sends head and body in pieces of so many bytes; 0 sends as fast as the peer reads.
    std::size_t trickle_bytes = 0;
    /// The pause between two such pieces.
    std::chrono::milliseconds trickle_every{200};
    /// Sends so many bytes of head and body, then nothing more until the peer closes.
    std::optional<std::size_t> stall_after = {};
    /// Says Connection: close and closes after the answer.
    bool close_after = false;
    /// Sends exactly these bytes in place of head and body. They count as head for a cut. The
    /// connection stays open unless something else here closes it.
    std::optional<std::string> raw = {};
};

/// A 200 with this body as text/plain.
[[nodiscard]] http_response text(std::string body);

/// A 200 with this body as application/json.
[[nodiscard]] http_response json(std::string body);

/// An answer with this status code and no body.
[[nodiscard]] http_response status(int code);

/// An answer with this status code, a Location header and no body.
[[nodiscard]] http_response redirect(int code, std::string location);

/// Makes the answer to a request. Called on the server's thread, one request at a time, so it may
/// keep state of its own, but while it runs all connections wait: use `http_response::delay`
/// instead of sleeping. State that others read meanwhile must be atomic or locked.
using http_handler = std::function<http_response(const http_request&)>;

/// A handler that answers GET and HEAD with the files under `root`, read anew for each request:
/// application/json for .json, text/html for .html, text/plain for .txt, and
/// application/octet-stream for the rest. Anything that is no file, and any target with a `..`
/// part, is a 404; other methods are a 405. The query is ignored, %XX is decoded and symbolic links
/// are followed.
///
/// Throws std::invalid_argument if `root` is not a folder.
[[nodiscard]] http_handler serve_folder(std::filesystem::path root);

/// An HTTP/1.1 server on 127.0.0.1 that misbehaves as told, for tests.
///
/// One thread, "penstock-http", serves all connections with all signals blocked; thousands of
/// connections and delayed answers cost it little. It understands keep-alive, pipelining, Expect:
/// 100-continue and bodies with a Content-Length, and nothing more: no TLS, no chunked requests. A
/// request that it cannot read is answered with a 4xx or 501 of its own, which no counter sees.
///
/// All members may be called from any thread, also from within the handler. The numbers are exact
/// for every request whose answer has begun to arrive.
class http_server {
public:
    /// Listens on a free port and starts serving. Throws std::system_error if there is no socket or
    /// thread to be had, and std::invalid_argument if the handler is empty.
    ///
    /// A handler that throws makes a 500 with the text of the exception; the server goes on.
    explicit http_server(http_handler handler);

    /// Closes all connections, whatever they wait for, and joins the thread. Waits for a running
    /// handler; must not be called by one.
    ~http_server();

    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;

    /// "http://127.0.0.1:PORT" and the path, with a slash between them if it has none.
    [[nodiscard]] std::string url(std::string_view path = "/") const;

    /// Requests that arrived whole so far.
    [[nodiscard]] std::size_t requests() const noexcept;

    /// Requests so far for exactly this target, query included.
    [[nodiscard]] std::size_t requests(std::string_view target) const;

    /// Connections accepted so far.
    [[nodiscard]] std::size_t connections() const noexcept;

    /// Connections whose sockets the server still holds. Falls some moments after a peer has
    /// closed; one that the server ends is held until the peer closes too, at most a second.
    [[nodiscard]] std::size_t open_connections() const noexcept;

    /// The most requests that were under way at one time: arrived whole, and neither answered in
    /// full nor given up.
    [[nodiscard]] std::size_t peak_concurrent_requests() const noexcept;

    /// A copy of the newest 10,000 requests, oldest first. A request appears when its handler has
    /// returned.
    [[nodiscard]] std::vector<http_request> log() const;

private:
    std::unique_ptr<detail::http_loop> loop_;
};

}  // namespace penstock::testing
