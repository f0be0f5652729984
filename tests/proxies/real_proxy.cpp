#include "real_proxy.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace penstock::testing {

namespace {

using namespace std::chrono_literals;

constexpr uid_t nobody = 65'534;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool is_free(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool free = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return free;
}

/// A socket whose name says that the port belongs to its owner, for as long as that runs; -1 if another has it.
int claim(std::uint16_t port) {
    const std::string name = "penstock-test-port-" + std::to_string(port);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + 1, name.size());  // Behind a zero: it is no file.
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0) return fd;
    ::close(fd);
    return -1;
}

bool accepts(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool well = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return well;
}

const char* program_of(real_proxy::kind what) {
    switch (what) {
        case real_proxy::kind::tinyproxy: return "/usr/bin/tinyproxy";
        case real_proxy::kind::squid: return "/usr/sbin/squid";
        case real_proxy::kind::microsocks: return "/usr/bin/microsocks";
        case real_proxy::kind::dante: return "/usr/sbin/danted";
    }
    return "";
}

/// In the child: with what the parent has made ready, and nothing that may take memory.
[[noreturn]] void become(char* const* arguments, const char* log) {
    ::setpgid(0, 0);
    const int out = ::open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 || ::setuid(nobody) != 0)) {
        ::_exit(126);
    }
    ::execv(arguments[0], arguments);
    ::_exit(127);
}

}  // namespace

real_proxy::real_proxy(kind what) {
    // Somebody else may take the port all the same, between our look and the program's.
    constexpr int tries = 5;
    for (int i = 0; i < tries; ++i) {
        claim_port();
        if (starts(what)) return;
        end();
    }
    throw std::runtime_error(std::string("real_proxy: ") + program_of(what) + " does not run");
}

/// None of the programs says which port the system gave it, so it is told one: not one of those that the system gives
/// to the other tests (from 32,768) or that PostgreSQL's script takes (from 20,000), for whoever accepts connections
/// there is taken for the proxy.
void real_proxy::claim_port() {
    std::random_device dice;
    do {
        port_ = static_cast<std::uint16_t>(std::uniform_int_distribution(10'000, 19'999)(dice));
        claim_ = claim(port_);
        if (claim_ >= 0 && !is_free(port_)) ::close(std::exchange(claim_, -1));
    } while (claim_ < 0);
}

/// True once the program accepts connections; false if it has ended before.
bool real_proxy::starts(kind what) {
    const std::string folder = (folder_ / "").string();
    if (::geteuid() == 0 && ::chown(folder.c_str(), nobody, nobody) != 0) throw std::runtime_error("real_proxy: chown");
    const std::string settings = write_settings(what);
    const std::string pid_file = folder + "pid";
    std::vector<std::string> words;
    switch (what) {
        case kind::tinyproxy: words = {program_of(what), "-d", "-c", settings}; break;
        case kind::squid: words = {program_of(what), "-N", "-f", settings}; break;
        case kind::microsocks: words = {program_of(what), "-i", "127.0.0.1", "-p", std::to_string(port_)}; break;
        case kind::dante: words = {program_of(what), "-f", settings, "-p", pid_file, "-N", "1"}; break;
    }
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const std::string log = folder + "out";
    process_ = ::fork();
    if (process_ == 0) become(arguments.data(), log.c_str());
    const auto patience = std::chrono::steady_clock::now() + 20s;
    while (!accepts(port_)) {
        if (std::chrono::steady_clock::now() > patience) return false;
        if (::waitpid(process_, nullptr, WNOHANG) != 0) {
            process_ = 0;
            return false;
        }
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

bool real_proxy::is_installed(kind what) { return what != kind::dante || ::access(program_of(what), X_OK) == 0; }

void real_proxy::end() noexcept {
    if (process_ > 0) {
        ::kill(-process_, SIGKILL);  // Its own process group: dante has children.
        ::waitpid(process_, nullptr, 0);
        process_ = 0;
    }
    if (claim_ >= 0) ::close(std::exchange(claim_, -1));
}

std::string real_proxy::write_settings(kind what) const {
    const std::string folder = (folder_ / "").string();
    const std::string port = std::to_string(port_);
    const std::string file = folder + "settings";
    std::ofstream to(file);
    switch (what) {
        case kind::tinyproxy:
            to << "Port " << port << "\nListen 127.0.0.1\nTimeout 60\nMaxClients 100\nLogFile \"" << folder
               << "log\"\n";
            break;
        case kind::squid:
            to << "http_port 127.0.0.1:" << port
               << "\npid_filename none\ncache deny all\naccess_log none\ncache_store_log none\ncache_log " << folder
               << "log\ncoredump_dir " << folder
               << "\nhttp_access allow all\nshutdown_lifetime 0 seconds\nvisible_hostname localhost\n"
                  "cache_mem 8 MB\npinger_enable off\nnetdb_filename none\n";
            break;
        case kind::dante:
            to << "logoutput: " << folder << "log\ninternal: 127.0.0.1 port = " << port
               << "\nexternal: 127.0.0.1\nclientmethod: none\nsocksmethod: none\nuser.unprivileged: nobody\n"
                  "client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\nsocks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n";
            break;
        case kind::microsocks: break;
    }
    return file;
}

}  // namespace penstock::testing
