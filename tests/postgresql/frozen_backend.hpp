#pragma once

#include <signal.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace penstock::testing {

/// A process of a PostgreSQL server on this machine that stands still until it is let go: by SIGSTOP, as a machine that
/// swaps, a debugger or a paused container does.
class frozen_backend {
public:
    explicit frozen_backend(int process) : process_(process) {
        // The number came from a server; that of another machine says nothing here.
        std::ifstream name("/proc/" + std::to_string(process) + "/comm");
        if (std::string word; !(name >> word) || word != "postgres" || ::kill(process, SIGSTOP) != 0)
            throw std::runtime_error("no process of a server on this machine");
        while (!stands()) std::this_thread::yield();
    }
    ~frozen_backend() { thaw(); }
    frozen_backend(const frozen_backend&) = delete;
    frozen_backend& operator=(const frozen_backend&) = delete;

    /// Lets it go on, as if nothing had been.
    void thaw() const noexcept { ::kill(process_, SIGCONT); }
    /// Ends it where it stands.
    void kill() const noexcept { ::kill(process_, SIGKILL); }

private:
    /// True once it is stopped, or gone.
    bool stands() const {
        std::ifstream file("/proc/" + std::to_string(process_) + "/stat");
        std::string number, name, state;
        return !(file >> number >> name >> state) || state == "T";
    }

    const int process_;
};

}  // namespace penstock::testing
