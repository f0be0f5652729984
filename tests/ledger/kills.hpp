#pragma once

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <set>
#include <thread>

#include "lots.hpp"
#include "penstock/testing/http_server.hpp"
#include "tests/temporary_folder.hpp"
#include "work.hpp"

// Processes that share a ledger, and are killed. `LEDGER_JOB` is the program of ledger_job.cpp.

namespace penstock::testing {

/// A program that runs until it ends or is killed.
class child {
public:
    explicit child(std::vector<std::string> words) {
        std::vector<char*> pointers;
        for (std::string& word : words) pointers.push_back(word.data());
        pointers.push_back(nullptr);
        if (::posix_spawn(&id_, pointers.front(), nullptr, nullptr, pointers.data(), environ) != 0)
            throw std::runtime_error("cannot start " + words.front());
    }
    ~child() {
        kill();
        wait();
    }
    child(const child&) = delete;
    child& operator=(const child&) = delete;

    bool runs() noexcept {
        if (!ended_) ended_ = ::waitpid(id_, &status_, WNOHANG) == id_;
        return !ended_;
    }
    void kill() const noexcept {
        if (!ended_) ::kill(id_, SIGKILL);
    }
    /// Its exit status; -1 if it was killed.
    int wait() noexcept {
        if (!std::exchange(ended_, true)) ::waitpid(id_, &status_, 0);
        return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
    }

private:
    pid_t id_ = 0;
    bool ended_ = false;
    int status_ = 0;
};

/// A server of pages, a database with the table `entries`, and programs that load the one into the other.
template <class Place>
class ledger_kills : public ::testing::Test {
protected:
    static constexpr std::size_t queue = 40;

    ledger_kills() { place.run(create_entries); }

    std::vector<std::string> job(const std::string& ledger, std::int64_t items) {
        return {LEDGER_JOB,
                server.url("").substr(0, server.url("").find_last_not_of("/") + 1),
                place.address(),
                ledger,
                std::to_string(items),
                std::to_string(queue),
                letters()};
    }
    std::string letters() const { return (folder / "letters.ndjson").string(); }

    /// A moment of 20 to 400 ms, in which the program is somewhere.
    std::chrono::milliseconds moment() {
        return std::chrono::milliseconds(std::uniform_int_distribution(20, 400)(dice));
    }

    /// Checks that the database holds what an unbroken run would have left there.
    void expect_whole(std::int64_t items) {
        std::vector<std::string> expected;
        std::int64_t dead = 0;
        std::int64_t dropped = 0;
        for (std::int64_t item = 0; item < items; ++item) {
            const auto made = rows_of(item);
            const bool refused = item % 10 == 4;
            if (item % 10 == 6 || refused || made.has_failed())
                ++dead;
            else if (made.was_dropped())
                ++dropped;
            else
                for (const entry& row : made.has_value() ? result(made).value() : std::vector<entry>())
                    expected.push_back(std::to_string(row.item) + "|" + std::to_string(row.number));
        }
        EXPECT_EQ(place.ask("SELECT item, number FROM entries ORDER BY item, number"), expected);
        EXPECT_EQ(place.ask("SELECT state, count(*) FROM penstock_ledger GROUP BY state ORDER BY state"),
                  (std::vector<std::string>{"1|" + std::to_string(items - dead - dropped),
                                            "2|" + std::to_string(dropped), "3|" + std::to_string(dead)}));
        // A letter may be there twice, and none is missing.
        std::ifstream file(letters());
        std::set<std::string> origins;
        for (std::string line; std::getline(file, line);)
            if (const auto at = line.find("\"origin\":\""); at != std::string::npos)
                origins.insert(line.substr(at, line.find("\",", at) - at));
        EXPECT_EQ(origins.size(), static_cast<std::size_t>(dead));
    }

    std::mt19937 dice{printed_seed()};
    Place place;
    const temporary_folder folder;
    http_server server{[](const http_request& asked) {
        http_response answer = asked.target.ends_with("6") ? status(404) : text("x");
        answer.delay = std::chrono::milliseconds(2);
        return answer;
    }};
};

TYPED_TEST_SUITE_P(ledger_kills);

TYPED_TEST_P(ledger_kills, O1_killing_at_any_moment_leaves_the_table_of_an_unbroken_run) {
    const std::int64_t items = is_long() ? 4000 : 2500;
    const int wanted = is_long() ? 100 : 1;
    int kills = 0;
    for (int round = 0; kills < wanted; ++round) {
        if (round != 0) this->place.run("DELETE FROM entries; DELETE FROM penstock_ledger");
        std::filesystem::remove(this->letters());
        const std::size_t asked_before = this->server.requests();
        int kills_now = 0;
        for (;;) {
            child one(this->job("nightly", items));
            // Where a start takes longer than any moment, later ones are longer, so that it comes to an end.
            std::this_thread::sleep_for(this->moment() * (1 << kills_now / 15));
            one.kill();
            const int status = one.wait();
            if (status == 0) break;
            ASSERT_EQ(status, -1) << "it ended by itself, and not well";
            ++kills_now;
        }
        kills += kills_now;
        this->expect_whole(items);
        EXPECT_LE(this->server.requests() - asked_before,
                  static_cast<std::size_t>(items) + static_cast<std::size_t>(kills_now) * this->queue)
            << "more than what was in flight was fetched again";
        if (::testing::Test::HasFailure()) break;
    }
    std::cout << kills << " kills\n";
}

TYPED_TEST_P(ledger_kills, O1_killing_as_soon_as_rows_are_seen_leaves_the_table_of_an_unbroken_run) {
    const std::int64_t items = is_long() ? 6000 : 1500;
    const int most = is_long() ? 100 : 15;
    int kills = 0;
    for (; kills < most; ++kills) {
        child one(this->job("nightly", items));
        const auto rows = [&] { return this->place.value("SELECT count(*) FROM entries"); };
        const std::string before = rows();
        while (rows() == before && one.runs()) {
        }
        if (!one.runs()) break;
        one.kill();
    }
    EXPECT_EQ(child(this->job("nightly", items)).wait(), 0);
    std::cout << kills << " kills\n";
    this->expect_whole(items);
}

TYPED_TEST_P(ledger_kills, S4_two_and_four_processes_on_one_ledger_store_each_row_once) {
    const std::int64_t items = 600;
    for (const int processes : {2, 4}) {
        this->place.run("DELETE FROM entries");
        if (processes != 2) this->place.run("DELETE FROM penstock_ledger");
        std::filesystem::remove(this->letters());
        std::vector<std::unique_ptr<child>> all;
        for (int one = 0; one < processes; ++one)
            all.push_back(std::make_unique<child>(this->job("of " + std::to_string(processes), items)));
        for (const auto& one : all) EXPECT_EQ(one->wait(), 0);
        this->expect_whole(items);
    }
}

TYPED_TEST_P(ledger_kills, S4_killed_processes_leave_their_share_to_the_others) {
    const std::int64_t items = 800;
    child other(this->job("shared", items));
    for (int kills = 0; kills < 3; ++kills) {
        child one(this->job("shared", items));
        std::this_thread::sleep_for(this->moment() / 2);
        one.kill();
    }
    EXPECT_EQ(other.wait(), 0);
    EXPECT_EQ(child(this->job("shared", items)).wait(), 0);
    this->expect_whole(items);
}

REGISTER_TYPED_TEST_SUITE_P(ledger_kills, O1_killing_at_any_moment_leaves_the_table_of_an_unbroken_run,
                            O1_killing_as_soon_as_rows_are_seen_leaves_the_table_of_an_unbroken_run,
                            S4_two_and_four_processes_on_one_ledger_store_each_row_once,
                            S4_killed_processes_leave_their_share_to_the_others);

}  // namespace penstock::testing
