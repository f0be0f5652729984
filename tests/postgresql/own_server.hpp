#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "server.hpp"
#include "tests/temporary_folder.hpp"

namespace penstock::testing {

/// A server that belongs to one test, which may stop and start it.
class own_server {
public:
    own_server() {
        script("start");
        std::getline(std::ifstream(folder() + "/url"), url_);
    }
    ~own_server() { (void)std::system(command("stop").c_str()); }
    own_server(const own_server&) = delete;
    own_server& operator=(const own_server&) = delete;

    const std::string& url() const { return url_; }
    /// The folder with its data, and with the log.
    std::filesystem::path cluster() const { return std::filesystem::read_symlink(folder() + "/cluster"); }
    other_client client() const { return other_client(url_); }

    /// Ends it at once, as a crash does.
    void crash() const { script("crash"); }
    /// Starts what has crashed; returns when it takes connections.
    void start_again() const { script("again"); }
    /// A second server that follows it and can only be read; `own_server` has to outlive it.
    std::string start_standby() const {
        script("standby");
        std::string url;
        std::getline(std::ifstream(folder() + "/standby_url"), url);
        return url;
    }

    /// Runs a program as the user whom the server belongs to.
    static bool run_as_owner(const std::string& what) {
        return std::system((::getuid() == 0 ? "cd / && runuser -u postgres -- " + what : what).c_str()) == 0;
    }

private:
    std::string folder() const { return (folder_ / "server").string(); }
    std::string command(const std::string& verb) const { return SERVER_SCRIPT " " + verb + " " + folder(); }
    void script(const std::string& verb) const {
        if (std::system(command(verb).c_str()) != 0) throw std::runtime_error("server.sh " + verb + " failed");
    }

    const temporary_folder folder_{in_memory()};
    std::string url_;
};

}  // namespace penstock::testing
