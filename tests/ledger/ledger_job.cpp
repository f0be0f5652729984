// The job that the tests of kills end at any moment: pages of a server, their rows into `entries`, with a ledger.
//
//   ledger_job ADDRESS OF THE SERVER, ADDRESS OF THE DATABASE, NAME OF THE LEDGER, ITEMS, QUEUE SIZE, FILE OF LETTERS
//
// Ends with 0 if it came to the end of its work, 1 if it did not.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "penstock/sources/generate.hpp"
#include "penstock/stages/fetch.hpp"
#include "work.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;

int main(int count, char** words) {
    if (count != 7) return 2;
    const std::string server = words[1];
    const auto items = static_cast<std::uint64_t>(std::strtoul(words[4], nullptr, 10));
    std::uint64_t next = 0;
    try {
        auto job =
            ps::generate([&]() -> std::optional<ps::request> {
                if (next == items) return std::nullopt;
                return ps::request{.url = server + "/" + std::to_string(next++)};
            })
            | ps::fetch({.retries = 0})
            | ps::parallel("rows",
                           [](const ps::page& page) {
                               const std::string_view url = page.url();
                               return ps::testing::rows_of(std::stoll(std::string(url.substr(url.rfind('/') + 1))));
                           })
            | ps::store(ps::database(words[2]), ps::testing::entries(), {.max_rows = 60, .max_age = 5ms});
        const ps::report done = job.run({.queue_size = std::strtoul(words[5], nullptr, 10),
                                         .dead_letters = ps::ndjson(words[6]),
                                         .ledger = words[3]});
        std::cout << done << '\n';
        return done.reason == ps::end_reason::completed ? 0 : 1;
    } catch (const std::exception& error) {
        std::cout << error.what() << '\n';
        return 1;
    }
}
