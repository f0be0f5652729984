#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

/// What both contenders do: ask `base` for so many pages, so many at once, and drop each as it comes.
struct workload {
    std::string base;  ///< "http://127.0.0.1:PORT".
    unsigned in_flight = 0;
    std::size_t requests = 0;
    std::size_t pages = 0;  ///< That the server has; asked for in turn.

    std::string url(std::size_t number) const { return base + "/item/" + std::to_string(number % pages) + ".json"; }
};

inline workload read_arguments(int count, char** arguments) {
    if (count != 5) {
        std::fprintf(stderr, "usage: %s BASE_URL IN_FLIGHT REQUESTS PAGES\n", arguments[0]);
        std::exit(2);
    }
    return {arguments[1], static_cast<unsigned>(std::stoul(arguments[2])), std::stoul(arguments[3]),
            std::stoul(arguments[4])};
}

/// CPU time of this process, all its threads, user and system.
inline std::chrono::microseconds cpu_time() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return std::chrono::seconds(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
           + std::chrono::microseconds(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

/// Prints CPU microseconds a request and requests a second; fails if not every page came.
class account {
public:
    explicit account(const workload& of) : of_(of) {}
    int close(std::size_t arrived) const {
        if (arrived != of_.requests) {
            std::fprintf(stderr, "%zu pages instead of %zu\n", arrived, of_.requests);
            return 1;
        }
        const auto requests = static_cast<double>(of_.requests);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
        std::printf("%.2f %.0f\n", static_cast<double>((cpu_time() - used_).count()) / requests,
                    requests / took.count());
        return 0;
    }

private:
    const workload& of_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::chrono::microseconds used_ = cpu_time();
};
