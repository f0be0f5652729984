#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace penstock::testing {

/// How a proxy behaves; it also speaks SOCKS4 and 4a, and is good at that. `refuses_login`, `silent`, `cuts_connect`,
/// `refuses`, `html`, `captive` are for HTTP proxies, those that begin with `socks` for SOCKS5.
enum class manner {
    good,           ///< Tunnels by CONNECT, by SOCKS5, and without a tunnel for http.
    refuses_login,  ///< 407 to everything.
    silent,         ///< Accepts and says nothing.
    cuts_connect,   ///< Ends the connection in the middle of its answer's head.
    refuses,        ///< 503 to CONNECT.
    html,           ///< 403 with a page to CONNECT.
    captive,        ///< 200 with a page of its own to everything.
    socks_login,    ///< Takes no method that the client offers.
    socks_refuses,  ///< Reply 2: not allowed.
};

/// A proxy on 127.0.0.1 that works or misbehaves, a thread for each connection. Any thread may call its members.
class faulty_proxy {
public:
    /// A way that it made, or was asked to make.
    struct tunnel {
        std::string user;      ///< Of its Proxy-Authorization or SOCKS login, with ":" and the password.
        std::string target;    ///< "host:port".
        std::string received;  ///< What came through it from the client, up to 4 KiB.
        bool connect = false;  ///< Asked for by CONNECT or SOCKS.
    };

    explicit faulty_proxy(manner how = manner::good);
    ~faulty_proxy();
    faulty_proxy(const faulty_proxy&) = delete;
    faulty_proxy& operator=(const faulty_proxy&) = delete;

    void behave(manner how) { how_ = how; }
    std::uint16_t port() const { return port_; }
    /// "scheme://127.0.0.1:PORT", with a login before the host if it is given.
    std::string url(std::string_view scheme = "http", std::string_view login = {}) const;

    std::size_t connections() const { return accepted_; }
    std::vector<tunnel> tunnels() const;
    /// Requests for a way, granted or not.
    std::size_t asked() const { return tunnels().size(); }

private:
    void accept_all();
    void serve(int fd);
    void serve_http(int fd);
    void serve_socks(int fd);
    void serve_socks4(int fd);
    bool answer_connect(int fd, const std::string& target, const std::string& user, std::string rest);
    bool forward(int fd, const std::string& head, const std::string& user);
    void relay(int fd, int to, std::size_t log);
    std::size_t note(tunnel one);
    int connect_to(const std::string& target);
    int keep(int fd);
    void drop(int fd);

    std::atomic<manner> how_;
    std::atomic<std::size_t> accepted_{0};
    int listener_ = -1;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    bool over_ = false;
    std::vector<int> open_;
    std::vector<tunnel> tunnels_;
    std::vector<std::thread> threads_;
    std::thread accepting_;
};

}  // namespace penstock::testing
