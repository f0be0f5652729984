// Answers of 200 that are not what was asked for.
#include "job_fixture.hpp"
#include "penstock/stages/parse.hpp"

namespace ps = penstock;
using ps::testing::record;

namespace {

class wrong_pages : public ps::testing::job_fixture {};

record read_record(simdjson::ondemand::object o) {
    return {std::int64_t(o["id"]), std::string(std::string_view(o["name"]))};
}

TEST_F(wrong_pages, H5_H19_portals_empty_pages_errors_and_cut_ones_are_dead_at_parse_and_not_fetched_again) {
    ps::testing::http_server server([](const ps::testing::http_request& asked) {
        const std::string good = R"({"data":[{"id":1,"name":"one"}]})";
        if (asked.target == "/portal") return ps::testing::text("<html><form>please log in</form></html>");
        if (asked.target == "/empty") return ps::testing::text("");
        if (asked.target == "/error") return ps::testing::json(R"({"error":"no such filing"})");
        auto answer = ps::testing::json(good);
        answer.framing = ps::testing::http_framing::close_delimited;
        if (asked.target == "/cut") answer.cut_body_after = good.size() - 1;
        return answer;
    });
    std::vector<std::string> urls;
    for (const char* path : {"/portal", "/empty", "/error", "/cut", "/good"}) urls.push_back(server.url(path));
    ps::pipeline job = ps::from(urls) | ps::fetch() | ps::parse("/data", read_record)
                       | ps::store(target(), records(), {.create_table = true});
    const ps::report done = ps::testing::settled_run(job, {.dead_letters = letters()});
    EXPECT_EQ(done.count(ps::outcome::committed), 1U) << done;
    EXPECT_EQ(rows_seen(), 1);
    EXPECT_EQ(letters_.size(), 4U);
    for (const auto& [url, letter] : letters_) {
        EXPECT_EQ(letter.kind, ps::error_kind::parse) << url << letter.reason;
        EXPECT_EQ(letter.attempts, 1U) << url;
    }
    EXPECT_EQ(server.requests(), 5U);
}

}  // namespace
