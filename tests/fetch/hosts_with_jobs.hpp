#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "schedule.hpp"

namespace penstock::fetch_stage {

constexpr time_point start{std::chrono::hours(1)};

/// A schedule and what waits in it, of each origin the same number of jobs, in turn.
struct hosts_with_jobs {
    schedule plan;
    std::vector<host_queue*> hosts;
    std::vector<job> jobs;
    std::map<host_queue*, std::vector<time_point>> sent;

    hosts_with_jobs(const schedule::limits& most, std::size_t host_count, std::size_t jobs_each)
        : plan(most), jobs(host_count * jobs_each) {
        plan.set_time(start);
        for (std::size_t i = 0; i < host_count; ++i) hosts.push_back(&plan.add("http://h" + std::to_string(i), true));
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            jobs[i].host = hosts[i % host_count];
            plan.came(*jobs[i].host);
            plan.wait(jobs[i]);
        }
    }

    /// Sends all that may be sent at this time, each done at once.
    std::size_t send(time_point now) {
        std::size_t count = 0;
        plan.set_time(now);
        for (job* one = plan.next(); one != nullptr; one = plan.next()) {
            host_queue& host = *one->host;
            sent[&host].push_back(now);
            plan.ended(host);
            plan.left(host);
            ++count;
        }
        return count;
    }
    /// Goes from one time that it asks for to the next, until this one.
    void run_until(time_point end) {
        for (time_point now = start; now <= end; now = plan.next_time()) send(now);
    }
};

inline schedule::limits limits_of(pace all, pace each) {
    return {.under_way = 100, .per_host = 8, .resolving = 1, .all = all, .each = each, .parked = 10};
}

}  // namespace penstock::fetch_stage
