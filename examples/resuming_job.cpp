// A job inside a bigger program: it can be broken off at any moment, by Ctrl-C or by SIGKILL, and started again, and
// the table is what it would have been.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <iostream>
#include <penstock/penstock.hpp>
#include <string>
#include <thread>

namespace ps = penstock;
using namespace std::chrono_literals;

struct quote {
    std::string symbol;
    double price;
    std::int64_t at_ms;
};

quote read_quote(simdjson::ondemand::object o) {
    return {std::string(std::string_view(o["symbol"])), double(o["price"]), std::int64_t(o["at_ms"])};
}

/// Asks for a stop when somebody presses Ctrl-C or ends the program kindly. penstock has no signal handlers of its own.
class kind_end {
public:
    kind_end() {
        sigset_t ends;
        ::sigemptyset(&ends);
        ::sigaddset(&ends, SIGINT);
        ::sigaddset(&ends, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
        listener_ = std::jthread([this, ends](const std::stop_token& over) {
            const timespec a_while{.tv_sec = 0, .tv_nsec = 100'000'000};
            while (!over.stop_requested() && ::sigtimedwait(&ends, nullptr, &a_while) < 0) {
            }
            stop_.request_stop();
        });
    }
    std::stop_token token() const { return stop_.get_token(); }

private:
    std::stop_source stop_;
    std::jthread listener_;
};

int main(int count, char** words) {
    std::string urls = "urls.txt";
    std::string into = "sqlite:quotes.db";
    std::string rejects = "rejects.ndjson";
    std::string ledger = "nightly-2026-11-22";
    double rate = 1000;

    CLI::App app("Loads quotes; broken off and started again, it goes on where it was.");
    app.add_option("--urls", urls, "a file with a URL a line")->capture_default_str();
    app.add_option("--into", into, "the database: sqlite:FILE or postgresql://...")->capture_default_str();
    app.add_option("--rejects", rejects, "the file for dead letters")->capture_default_str();
    app.add_option("--ledger", ledger, "the name of this night's work")->capture_default_str();
    app.add_option("--rate", rate, "requests a second")->capture_default_str();
    CLI11_PARSE(app, count, words);

    const kind_end end;
    ps::metrics metrics;
    // clang-format off: a column, a piece of the chain, an option a line.
    auto quotes = ps::table("quotes", ps::column("symbol", &quote::symbol), ps::column("price", &quote::price),
                            ps::column("at_ms", &quote::at_ms));
    try {
        auto job = ps::lines(urls) | ps::fetch({.rate_per_host = rate}) | ps::parse("/data", read_quote)
                   | ps::store(ps::database(into), quotes, {.create_table = true, .max_age = 50ms});

        const ps::report done = job.run({.queue_size = 100,
                                         .item_timeout = 300s,
                                         .stop = end.token(),
                                         .metrics = &metrics,
                                         .dead_letters = ps::ndjson(rejects),
                                         .ledger = ledger});
        // clang-format on
        std::cout << done << '\n';
        return done.clean() ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << "resuming_job: " << error.what() << '\n';
        return 2;
    }
}
