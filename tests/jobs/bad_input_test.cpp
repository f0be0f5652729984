// Everything that a job may be given that is wrong: said clearly, and nobody else suffers.
#include <gmock/gmock.h>

#include <fstream>
#include <new>
#include <stdexcept>

#include "job_fixture.hpp"
#include "penstock/sources/lines.hpp"
#include "penstock/stages/parse.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::expect_settled;
using ps::testing::http_request;
using ps::testing::http_response;
using ps::testing::record;
using ps::testing::settled_run;
using ::testing::AllOf;
using ::testing::HasSubstr;

namespace {

record read_record(simdjson::ondemand::object o) {
    return {std::int64_t(o["id"]), std::string(std::string_view(o["name"]))};
}

http_response answer(const http_request& r) {
    if (r.target == "/good/1") return ps::testing::json(R"({"data":[{"id":1,"name":"one"},{"id":2,"name":"two"}]})");
    if (r.target == "/good/2") return ps::testing::json(R"({"data":[{"id":3,"name":"three"}]})");
    if (r.target == "/busy") return ps::testing::status(500);
    if (r.target == "/html") return ps::testing::text("<html>please log in</html>");
    if (r.target == "/pointer") return ps::testing::json(R"({"rows":[]})");
    if (r.target == "/type") return ps::testing::json(R"({"data":[{"id":4,"name":"four"},{"id":"5","name":"five"}]})");
    if (r.target == "/large") return ps::testing::text(std::string(10'001, 'x'));
    if (r.target == "/repeated") return ps::testing::json(R"({"data":[{"id":6,"name":"six"},{"id":6,"name":"six"}]})");
    return ps::testing::status(404);
}

class bad_input : public ps::testing::job_fixture {
protected:
    template <class Source>
    ps::pipeline job(Source source, ps::store_options storing = {.create_table = true}) {
        return std::move(source) | ps::fetch({.retries = 2, .backoff = 1ms, .max_body = 10'000})
               | ps::parse("/data", read_record) | ps::store(target(), records(), storing);
    }

    ps::testing::http_server server_{answer};
};

TEST_F(bad_input, one_bad_item_is_one_dead_letter_and_everything_else_is_stored) {
    const std::vector<std::string> bad{server_.url("/missing"),
                                       server_.url("/busy"),
                                       server_.url("/html"),
                                       server_.url("/pointer"),
                                       server_.url("/type"),
                                       server_.url("/large"),
                                       "not an url",
                                       "ftp://127.0.0.1/x",
                                       "http://127.0.0.1:1/closed",
                                       "file:///etc/passwd",
                                       server_.url("/repeated"),
                                       "http://no-such-host.invalid/"};
    std::vector<std::string> urls = bad;
    urls.insert(urls.begin(), server_.url("/good/1"));
    urls.push_back(server_.url("/good/2"));

    const ps::report done = job(ps::from(urls)).run({.dead_letters = letters()});
    expect_settled(done);
    EXPECT_EQ(done.count(ps::outcome::committed), 2U) << done;
    EXPECT_EQ(done.count(ps::outcome::dead), bad.size()) << done;
    EXPECT_EQ(rows_seen(), 3);

    const auto expect = [&](const std::string& url, ps::error_kind kind, unsigned attempts, const auto& reason) {
        ASSERT_TRUE(letters_.contains(url)) << url;
        const ps::dead_letter& letter = letters_[url];
        EXPECT_EQ(letter.kind, kind) << url << ": " << letter.reason;
        EXPECT_EQ(letter.attempts, attempts) << url << ": " << letter.reason;
        EXPECT_THAT(letter.reason, reason);
    };
    using enum ps::error_kind;
    expect(bad[0], bad_status, 1, HasSubstr("404"));
    expect(bad[1], bad_status, 3, HasSubstr("500"));
    EXPECT_EQ(server_.requests("/busy"), 3U);
    expect(bad[2], parse, 1, HasSubstr("/data"));
    expect(bad[3], parse, 1, AllOf(HasSubstr("/data"), HasSubstr("nothing is there")));
    expect(bad[4], parse, 1, HasSubstr("row 1 of \"/data\""));
    expect(bad[5], too_large, 1, HasSubstr("10000"));
    expect(bad[6], request, 0, HasSubstr("not an url"));
    expect(bad[7], request, 0, HasSubstr("ftp"));
    expect(bad[8], request, 3, HasSubstr("127.0.0.1:1"));
    expect(bad[9], request, 0, HasSubstr("file"));
    expect(bad[10], load, 1, AllOf(HasSubstr("UNIQUE"), HasSubstr("row 1")));
    // Where the name server cannot be reached, nobody says that there is no such host.
    const ps::error_kind unresolved = letters_[bad[11]].kind == timeout ? timeout : request;
    expect(bad[11], unresolved, 3, HasSubstr("no-such-host.invalid"));
}

template <class Run>
std::string preflight_says(Run&& run) {
    try {
        run();
    } catch (const ps::preflight_failed& failed) {
        return failed.what();
    }
    return "nothing";
}

TEST_F(bad_input, a_missing_table_is_said_before_anything_is_fetched) {
    std::ofstream(folder_ / "jobs.db").close();
    const std::string said = preflight_says([&] { job(ps::from({server_.url("/good/1")}), {}).run(); });
    EXPECT_THAT(said, AllOf(HasSubstr("records"), HasSubstr("create_table")));
    EXPECT_EQ(server_.requests(), 0U);
}

TEST_F(bad_input, a_database_that_cannot_be_opened_is_said_before_anything_is_fetched) {
    std::ofstream(folder_ / "jobs.db") << "this is no database, but it is long enough to have a header of one, almost "
                                          "as if somebody had written a letter into the wrong file";
    EXPECT_THAT(preflight_says([&] { job(ps::from({server_.url("/good/1")})).run(); }), HasSubstr("jobs.db"));
    auto nowhere =
        ps::from({server_.url("/good/1")}) | ps::fetch() | ps::parse("/data", read_record)
        | ps::store(ps::database("sqlite:" + (folder_ / "none" / "x.db").string()), records(), {.create_table = true});
    EXPECT_THAT(preflight_says([&] { nowhere.run(); }), HasSubstr("x.db"));
    EXPECT_EQ(server_.requests(), 0U);
}

TEST_F(bad_input, a_queue_of_nothing_is_refused_before_anything_is_fetched) {
    auto one = job(ps::from({server_.url("/good/1")}));
    EXPECT_THROW(one.run({.queue_size = 0}), ps::bad_option);
    EXPECT_EQ(server_.requests(), 0U);
}

TEST_F(bad_input, an_empty_file_of_urls_completes_and_says_so) {
    std::ofstream(folder_ / "urls.txt").close();
    const ps::report done = job(ps::lines(folder_ / "urls.txt")).run();
    expect_settled(done);
    EXPECT_TRUE(done.clean());
    EXPECT_THAT(done.detail, HasSubstr("empty"));
}

TEST_F(bad_input, J7_a_reader_that_throws_anything_costs_its_page_only) {
    const auto reader = [](const ps::page& page) -> std::vector<record> {
        if (page.url().ends_with("/1")) throw std::runtime_error("the reader says no");
        if (page.url().ends_with("/2")) throw 2;
        if (page.url().ends_with("/3")) throw std::bad_alloc();
        if (page.url().ends_with("/4")) return {};
        return {{5, "five"}};
    };
    ps::testing::http_server pages([](const http_request&) { return ps::testing::json("{}"); });
    std::vector<std::string> urls;
    for (int i = 1; i <= 5; ++i) urls.push_back(pages.url("/" + std::to_string(i)));
    const ps::report done = settled_run(
        ps::from(urls) | ps::fetch() | ps::parse(reader) | ps::store(target(), records(), {.create_table = true}),
        {.dead_letters = letters()});
    EXPECT_EQ(done.count(ps::outcome::committed), 2U) << "a page of no rows is settled as well";
    EXPECT_EQ(done.count(ps::outcome::dead), 3U);
    EXPECT_EQ(rows_seen(), 1);
    EXPECT_THAT(letters_[urls[0]].reason, HasSubstr("the reader says no"));
    EXPECT_THAT(letters_[urls[1]].reason, HasSubstr("no std::exception"));
    EXPECT_EQ(letters_[urls[2]].kind, ps::error_kind::local_resource);
}

TEST_F(bad_input, J7_pages_of_very_many_rows_go_through_small_batches_and_a_small_queue) {
    constexpr std::int64_t rows = 100'000;
    ps::testing::http_server pages([](const http_request&) { return ps::testing::json("{}"); });
    const auto reader = [](const ps::page& page) {
        std::vector<record> made;
        const std::int64_t base = rows * ps::testing::number_in(page.url());
        for (std::int64_t i = 0; i < rows; ++i) made.push_back({base + i, "x"});
        return made;
    };
    const ps::report done =
        settled_run(ps::from({pages.url("/0"), pages.url("/1"), pages.url("/2")}) | ps::fetch() | ps::parse(reader)
                        | ps::store(target(), records(), {.create_table = true, .max_rows = 1000}),
                    {.queue_size = 1});
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_EQ(done.figures.store.batches, 3U) << "an item is never split";
    EXPECT_EQ(rows_seen(), 3 * rows);
}

TEST_F(bad_input, X3_the_environments_proxies_are_ignored) {
    for (const char* name : {"http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"}) {
        ::setenv(name, "http://127.0.0.1:1", 1);
    }
    ::setenv("no_proxy", "", 1);
    EXPECT_TRUE(settled_run(job(ps::from({server_.url("/good/1")}))).clean());
}

}  // namespace
