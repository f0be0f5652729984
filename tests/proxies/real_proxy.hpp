#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "tests/temporary_folder.hpp"

namespace penstock::testing {

/// One of Debian's proxies on 127.0.0.1, in a process of its own, which ends with it and never runs as root.
class real_proxy {
public:
    enum class kind { tinyproxy, squid, microsocks, dante };

    /// False for dante on Debian 13, which has none.
    static bool is_installed(kind what);

    /// Returns when it accepts connections. Throws `std::runtime_error` if it does not.
    explicit real_proxy(kind what);
    ~real_proxy() { end(); }
    real_proxy(const real_proxy&) = delete;
    real_proxy& operator=(const real_proxy&) = delete;

    std::string url(const std::string& scheme) const { return scheme + "://127.0.0.1:" + std::to_string(port_); }

private:
    void claim_port();
    bool starts(kind what);
    void end() noexcept;
    std::string write_settings(kind what) const;

    temporary_folder folder_;
    std::uint16_t port_ = 0;
    int claim_ = -1;
    pid_t process_ = 0;
};

}  // namespace penstock::testing
