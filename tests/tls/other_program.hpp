#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/temporary_folder.hpp"

namespace penstock::testing {

/// A server of Debian's python that runs beside the test, and goes with it.
class other_program {
public:
    /// The words are those of the command, with LOG for the file that it is to write. Waits until it has printed its
    /// port.
    explicit other_program(std::vector<std::string> words) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        words.insert(words.begin(), "/usr/bin/python3");
        std::vector<char*> arguments;
        for (std::string& word : words)
            arguments.push_back(word == "LOG" ? (log_ = folder_ / "log").data() : word.data());
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
        const int failed = ::posix_spawn(&pid_, arguments[0], &files, nullptr, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&files);
        ::close(ends[1]);
        for (char c = '\0'; failed == 0 && ::read(ends[0], &c, 1) == 1 && c != '\n';) port_ += c;
        ::close(ends[0]);
        if (port_.empty()) throw std::runtime_error(words[1] + " did not start");
    }
    ~other_program() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    other_program(const other_program&) = delete;
    other_program& operator=(const other_program&) = delete;

    const std::string& port() const noexcept { return port_; }
    std::string url(const std::string& path, const std::string& host = "127.0.0.1") const {
        return "https://" + host + ':' + port_ + path;
    }

    /// The lines of its log that begin so. What was answered is in it.
    std::vector<std::string> log(const std::string& beginning = {}) const {
        std::vector<std::string> lines;
        std::ifstream file(log_);
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with(beginning)) lines.push_back(std::move(line));
        }
        return lines;
    }

private:
    temporary_folder folder_;
    std::string log_;
    ::pid_t pid_ = -1;
    std::string port_;
};

/// Where the certificates are that the build has made.
inline std::string certificate(const std::string& name) { return std::string(CERTIFICATES) + '/' + name; }

/// A server over TLS that misbehaves as told.
inline std::vector<std::string> tls_server(const std::string& name, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {SCRIPTS "/tls_server.py", certificate(name + ".pem"), certificate(name + ".key"),
                                      "LOG"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

}  // namespace penstock::testing
