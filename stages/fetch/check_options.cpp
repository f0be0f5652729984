#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "header_rules.hpp"
#include "penstock/errors.hpp"
#include "penstock/stages/fetch/fetch_options.hpp"
#include "proxy_address.hpp"

namespace penstock::fetch_stage {

namespace {

using std::chrono::milliseconds;

[[noreturn]] void refuse(std::string_view field, const std::string& value, std::string_view cure) {
    throw bad_option("fetch: " + std::string(field) + " is " + value + "; " + std::string(cure));
}

void check_time(std::string_view field, milliseconds value, milliseconds least) {
    if (value < least || value > std::chrono::hours(24)) {
        refuse(field, std::to_string(value.count()) + " ms", "give " + std::to_string(least.count()) + " ms to 24 h");
    }
}

void check_number(std::string_view field, std::size_t value, std::size_t least, std::size_t most) {
    if (value < least || value > most) {
        refuse(field, std::to_string(value), "give " + std::to_string(least) + " to " + std::to_string(most));
    }
}

void check_real(std::string_view field, double value, double least, double most, std::string_view range) {
    if (!(value >= least && value <= most)) {  // Not so for what is no number.
        refuse(field, std::to_string(value), "give " + std::string(range));
    }
}

void check_proxies(const fetch_options& options) {
    const proxy_options& how = options.proxying;
    check_number("the number of proxies", options.proxies.size(), 0, 100'000);
    for (std::size_t i = 0; i < options.proxies.size(); ++i) {
        const std::string_view problem = proxy_address(options.proxies[i]).problem();
        // Without a word of the proxy itself: what cannot be read may be a password anywhere.
        if (!problem.empty()) throw bad_option("fetch: proxies[" + std::to_string(i) + "] " + std::string(problem));
    }
    if (options.deny_private_ranges && !options.proxies.empty()) {
        refuse("deny_private_ranges", "true together with proxies",
               "leave one of the two out: it is the proxy that connects to the target, and its address is not seen");
    }
    check_number("connections_per_proxy", how.connections_per_proxy, 1, 100'000);
    check_real("rate_per_proxy", how.rate_per_proxy.value_or(1), 0.0001, 1e6, "0.0001 to 1000000, or leave it out");
    check_number("burst_per_proxy", how.burst_per_proxy, 1, 100'000);
    check_number("switches", how.switches, 0, 100);
    check_number("max_faults", how.max_faults, 1, 1000);
    check_number("the number of lockouts", how.lockouts.size(), 1, 1000);
    for (const milliseconds one : how.lockouts) {
        if (one < milliseconds(1) || one > std::chrono::hours(24 * 30)) {
            refuse("lockouts", "to hold " + std::to_string(one.count()) + " ms", "give 1 ms to 30 days");
        }
    }
    check_time("cool_down", how.cool_down, milliseconds(0));
}

void check_breaker(const breaker_options& how) {
    check_number("max_target_failures", how.max_target_failures, 1, 1'000'000);
    check_number("min_distinct_proxies", how.min_distinct_proxies, 1, 1000);
    check_time("open_for", how.open_for, milliseconds(1));
}

}  // namespace

void check(const fetch_options& options) {
    check_time("timeout", options.timeout, milliseconds(1));
    check_time("connect_timeout", options.connect_timeout, milliseconds(1));
    check_time("backoff", options.backoff, milliseconds(0));
    check_time("max_backoff", options.max_backoff, milliseconds(0));
    check_number("retries", options.retries, 0, 100);
    check_number("max_redirects", options.max_redirects, 0, 20);
    check_number("max_body", options.max_body, 1, std::size_t{1} << 40);
    check_number("max_head", options.max_head, 1'000, 300'000);
    check_number("connections_per_host", options.connections_per_host, 1, 100'000);
    check_number("connections", options.connections, 1, 100'000);
    check_number("burst_per_host", options.burst_per_host, 1, 100'000);
    check_number("burst", options.burst, 1, 100'000);
    check_real("retry_budget", options.retry_budget, 0, 100, "0 to 100");
    check_real("parked_share", options.parked_share, 0.001, 1, "0.001 to 1");
    check_real("rate_per_host", options.rate_per_host.value_or(1), 0.0001, 1e6, "0.0001 to 1000000, or leave it out");
    check_real("rate", options.rate.value_or(1), 0.0001, 1e6, "0.0001 to 1000000, or leave it out");
    check_real("backoff_factor", options.backoff_factor, 1, 100, "1 to 100");
    check_proxies(options);
    check_breaker(options.breaker);
    for (const int status : options.retry_on_status) {
        if (status < 400 || status > 599 || status == 401 || status == 403 || status == 404) {
            refuse("retry_on_status", "to hold " + std::to_string(status),
                   "give statuses from 400 to 599 that may pass, so not 401, 403 or 404");
        }
    }
    for (std::size_t i = 0; i < options.headers.size(); ++i) {
        const header& field = options.headers[i];
        const std::string_view problem = problem_of(field);
        if (!problem.empty()) throw bad_option("fetch: " + show_header(field, i + 1) + ' ' + std::string(problem));
    }
    for (const std::string& host : options.insecure_skip_verify) {
        if (host.empty() || host.find_first_of("/@*? ") != host.npos) {
            refuse("insecure_skip_verify", "to hold \"" + host + '"',
                   "give names of hosts, without a scheme or wildcard");
        }
    }
    if (!options.ca_file.empty() && ::access(options.ca_file.c_str(), R_OK) != 0) {
        refuse("ca_file", '"' + options.ca_file + '"', "that file cannot be read; give a file of certificates in PEM");
    }
}

}  // namespace penstock::fetch_stage
