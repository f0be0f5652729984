#include "real_proxy.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>
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

/// Free a moment ago: none of the three says which port it got.
std::uint16_t free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    ::bind(fd, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(fd);
    return ntohs(address.sin_port);
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
    // Between the look for a free port and the program's own, somebody else may take it.
    constexpr int tries = 5;
    for (int i = 0; i < tries; ++i) {
        port_ = free_port();
        if (starts(what)) return;
        end();
    }
    throw std::runtime_error(std::string("real_proxy: ") + program_of(what) + " does not run");
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
    if (process_ <= 0) return;
    ::kill(-process_, SIGKILL);  // Its own process group: dante has children.
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
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
