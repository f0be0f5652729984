#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace penstock::testing {

/// A TCP relay in front of a PostgreSQL server that does to links what networks do. It reads along, without TLS, so
/// that it can strike at a chosen moment. One thread; may be told what to do from any.
class relay {
public:
    /// What is about to be passed on.
    enum class moment : unsigned char {
        startup,        ///< The first word of a client.
        begin,          ///< BEGIN.
        copy,           ///< A COPY statement.
        copy_data,      ///< A part of a COPY's text.
        commit,         ///< COMMIT, on its way to the server.
        commit_answer,  ///< The server's word that it has committed, on its way back.
    };
    enum class fate : unsigned char {
        pass,
        cut,     ///< Both ends of the link are closed, and this message and all behind it are lost.
        freeze,  ///< Both ends stay open and nothing is passed on any more, in neither direction.
    };
    /// Decides at each moment; `before` says how many of its kind there were since the script was set, on all links.
    using script = std::function<fate(moment now, std::size_t before)>;

    /// Listens on a port of 127.0.0.1 for the server that this address leads to.
    explicit relay(std::string server_url);
    ~relay();
    relay(const relay&) = delete;
    relay& operator=(const relay&) = delete;

    /// An address of the server, with its way led through the relay.
    std::string url(std::string server_url) const;
    std::string url() const { return url(server_url_); }

    /// Decides from now on; counts anew. Without a script all is passed on.
    void play(script next);
    /// Strikes once, at this moment.
    void strike(moment when, fate how);

    /// Cuts all links that there are.
    void cut_all() { tell(&relay::cut_all_); }
    /// Freezes all links that there are and that come, until `thaw`.
    void freeze_all() { tell(&relay::freeze_all_); }
    /// Lets frozen links go on, each with the message that it froze at: late, and without another question.
    void thaw() { tell(&relay::thaw_); }
    /// New links are closed at once, as if the server were down, or taken again.
    void refuse(bool links) { refusing_ = links; }
    /// Each part is passed on this much later.
    void delay(std::chrono::milliseconds by) { delay_ = by; }

    /// How often a moment has come since the beginning.
    std::size_t count(moment of) const { return counts_[static_cast<std::size_t>(of)]; }
    /// How many links it has taken.
    std::size_t links() const { return links_; }

private:
    struct link;

    void tell(bool relay::*what);
    void serve();
    void take_link();
    void pass(link& on);
    bool read_along(link& on, bool from_client);
    fate ask(moment now);
    void wake() const;

    const std::string server_url_;
    std::string host_;
    int server_port_ = 0, port_ = 0, listener_ = -1, bell_ = -1;

    std::mutex mutex_;  ///< Guards what follows, up to the atomics.
    script script_;
    std::array<std::size_t, 6> before_{};
    bool cut_all_ = false, freeze_all_ = false, thaw_ = false;

    std::array<std::atomic<std::size_t>, 6> counts_{};
    std::atomic<std::size_t> links_{0};
    std::atomic<bool> refusing_{false}, ending_{false};
    std::atomic<std::chrono::milliseconds> delay_{};

    bool frozen_ = false;  ///< New links begin frozen.
    std::vector<std::unique_ptr<link>> open_;
    std::thread thread_;
};

}  // namespace penstock::testing
