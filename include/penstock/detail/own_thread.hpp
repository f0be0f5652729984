#pragma once

#include <functional>
#include <string>
#include <thread>

namespace penstock::detail {

/// A thread of penstock's own: it blocks every signal that comes from outside (the host's handlers run on the
/// host's threads, and a broken connection must not raise SIGPIPE) and shows its name in debuggers, cut to 15
/// characters. Joins when destroyed. `body` must not throw. Throws `std::system_error` if the thread cannot be started.
class own_thread {
public:
    own_thread() = default;
    own_thread(std::string name, std::function<void()> body);
    ~own_thread() { join(); }
    own_thread(own_thread&&) noexcept = default;
    own_thread& operator=(own_thread&& other) noexcept;

    /// True from a successful start until `join`.
    bool running() const noexcept { return thread_.joinable(); }
    void join() noexcept;

private:
    std::thread thread_;
};

}  // namespace penstock::detail
