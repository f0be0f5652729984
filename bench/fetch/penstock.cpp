// penstock with the smallest pipeline that has a fetch: its pages are dropped by the next stage.
#include "penstock/penstock.hpp"

#include <optional>

#include "workload.hpp"

namespace ps = penstock;

int main(int count, char** arguments) {
    const workload work = read_arguments(count, arguments);
    const account costs(work);
    std::size_t arrived = 0;
    ps::pipeline job = ps::generate([&, next = std::size_t{0}]() mutable -> std::optional<std::string> {
                           if (next == work.requests) return std::nullopt;
                           return work.url(next++);
                       })
                       | ps::fetch({.connections_per_host = work.in_flight, .compression = false})
                       | ps::serial("drop", [&](const ps::page&) { ++arrived; });
    job.run({.max_workers = 1, .queue_size = work.in_flight});
    return costs.close(arrived);
}
