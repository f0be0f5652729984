// Fetching with a ledger: what is settled is not asked for again.
#include "penstock/stages/fetch.hpp"
#include "penstock/testing/http_server.hpp"
#include "sqlite_place.hpp"
#include "work.hpp"

namespace penstock::testing {
namespace {

std::int64_t number_in(std::string_view url) { return std::stoll(std::string(url.substr(url.rfind('/') + 1))); }

class fetching_with_a_ledger : public ::testing::Test {
protected:
    fetching_with_a_ledger() { place_.run(create_entries); }

    report run(const std::vector<request>& requests, run_options options = {}) {
        options.ledger = "pages";
        auto job = from(requests) | fetch({.retries = 0})
                   | parallel("rows", [](const page& from_server) { return rows_of(number_in(from_server.url())); })
                   | store(place_.target(), entries());
        return settled_run(job, options);
    }
    std::vector<request> requests(std::int64_t count) {
        std::vector<request> made;
        for (const std::int64_t one : numbers(count)) made.push_back({.url = server_.url("/" + std::to_string(one))});
        return made;
    }
    std::size_t asked() { return server_.requests(); }

    sqlite_place place_;
    http_server server_{
        [](const http_request& asked_for) { return asked_for.target.ends_with("6") ? status(404) : text("x"); }};
};

TEST_F(fetching_with_a_ledger, what_is_settled_is_not_fetched_again) {
    const report first = run(requests(200));
    EXPECT_EQ(first.count(outcome::skipped), 0U) << first;
    EXPECT_EQ(first.count(outcome::dead), 60U) << first;
    const std::size_t asked_first = asked();
    const report second = run(requests(230));
    EXPECT_EQ(second.count(outcome::skipped), 200U) << second;
    EXPECT_EQ(asked() - asked_first, 30U);
    EXPECT_EQ(place_.value("SELECT count(*) FROM entries"), std::to_string(23 * 15));
    EXPECT_EQ(place_.value("SELECT count(DISTINCT item || '/' || number) FROM entries"), std::to_string(23 * 15));
}

TEST_F(fetching_with_a_ledger, a_list_that_has_everything_twice_is_looked_up_as_soon_as_that_shows) {
    std::vector<request> list = requests(300);
    for (const request& again : requests(300)) list.push_back(again);
    const report done = run(list, {.queue_size = 20});
    EXPECT_EQ(place_.value("SELECT count(*) FROM entries"), std::to_string(30 * 15));
    EXPECT_GE(done.count(outcome::skipped), 250U) << done;
    EXPECT_LE(asked(), 350U);
}

TEST_F(fetching_with_a_ledger, a_key_of_the_users_own_is_what_counts) {
    run({{.url = server_.url("/0?session=1"), .key = "page 0"}});
    EXPECT_EQ(run({{.url = server_.url("/0?session=2"), .key = "page 0"}}).count(outcome::skipped), 1U);
    EXPECT_EQ(asked(), 1U);
}

TEST_F(fetching_with_a_ledger, a_queue_of_one_gets_through_what_is_settled) {
    run(requests(50));
    const report again = run(requests(50), {.queue_size = 1});
    EXPECT_EQ(again.count(outcome::skipped), 50U) << again;
}

}  // namespace
}  // namespace penstock::testing
