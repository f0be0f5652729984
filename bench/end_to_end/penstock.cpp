// The job in penstock, as a user would write it: the defaults, but for the number of connections.
#include <cstdint>
#include <iostream>
#include <optional>
#include <penstock/penstock.hpp>
#include <string>
#include <string_view>

#include "workload.hpp"

namespace ps = penstock;
using bench_job::filing;

namespace {

filing read_filing(simdjson::ondemand::object from) {
    const auto text = [](simdjson::simdjson_result<simdjson::ondemand::value> field) {
        return std::string(std::string_view(field.get_string()));
    };
    return {.company_id = from["company_id"].get_int64(),
            .filing_id = from["filing_id"].get_int64(),
            .filed = text(from["filed"]),
            .type = text(from["type"]),
            .amount = from["amount"].get_double(),
            .note = text(from["note"])};
}

}  // namespace

int main() {
    const bench_job::job told = bench_job::job_from_environment();
    auto urls = ps::generate([&told, next = std::int64_t{0}]() mutable -> std::optional<std::string> {
        if (next == told.pages) return std::nullopt;
        return told.base_url + bench_job::path_of(next++);
    });
    // A column, and a piece of the chain, a line.
    // clang-format off
    auto filings = ps::table("filings", ps::column("company_id", &filing::company_id),
                                        ps::column("filing_id", &filing::filing_id),
                                        ps::column("filed", &filing::filed),
                                        ps::column("type", &filing::type),
                                        ps::column("amount", &filing::amount),
                                        ps::column("note", &filing::note));
    // clang-format on
    try {
        // clang-format off
        auto job = std::move(urls)
                 | ps::fetch({.connections_per_host = told.connections})
                 | ps::parse("/filings", read_filing)
                 | ps::store(ps::database(told.database_url), filings);
        // clang-format on
        const ps::report done = job.run();
        std::cout << done << '\n';
        if (!done.clean()) bench_job::give_up("not every page was committed");
    } catch (const std::exception& error) {
        bench_job::give_up(error.what());
    }
}
