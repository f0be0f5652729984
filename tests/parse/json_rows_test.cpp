// What parse makes of good and of broken pages. Few files, since On Demand is slow to compile.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "read_quotes.hpp"

namespace ps = penstock;

namespace {

TEST(parse, makes_a_row_of_each_element_at_the_pointer) {
    const reading all =
        run_quotes({R"({"next":null,"data":[)" + one + R"(,{"symbol":"B","price":2,"at":-1}],"more":[1,{}]})"});
    ASSERT_TRUE(all.dead.empty());
    EXPECT_EQ(all.rows, (std::vector<quotes>{{first, {"B", 2, -1}}}));
}

TEST(parse, makes_one_row_of_an_object) {
    EXPECT_EQ(run_quotes({R"({"data":)" + one + "}"}).rows, (std::vector<quotes>{{first}}));
    EXPECT_EQ(run(ps::parse("", read_quote), {one}).rows, (std::vector<quotes>{{first}}));
    EXPECT_EQ(run(ps::parse("", read_quote), {"[" + one + "," + one + "]"}).rows,
              (std::vector<quotes>{{first, first}}));
}

TEST(parse, follows_pointers_through_objects_and_arrays) {
    EXPECT_EQ(run(ps::parse("/a/1/b~1c", read_quote), {R"({"x":1,"a":[0,{"b/c":[)" + one + R"(]},2],"z":{}})"}).rows,
              (std::vector<quotes>{{first}}));
}

TEST(parse, makes_no_rows_of_an_empty_array) {
    const reading all = run_quotes({R"({"data":[]})"});
    EXPECT_TRUE(all.dead.empty());
    EXPECT_EQ(all.rows, std::vector<quotes>{{}});
}

TEST(parse, finds_keys_that_are_written_with_escapes) {
    EXPECT_EQ(run_quotes({R"({"d\u0061ta":[)" + one + "]}"}).rows, (std::vector<quotes>{{first}}));
}

TEST(parse, one_bad_page_is_one_dead_letter_and_the_others_pass) {
    const std::string good = R"({"data":[)" + one + "]}";
    reading all = run_quotes({good, "<html>busy</html>", good});
    EXPECT_EQ(all.rows.size(), 2U);
    ASSERT_EQ(all.dead.size(), 1U);
    EXPECT_EQ(all.dead[1].kind, ps::error_kind::parse);
    EXPECT_EQ(all.dead[1].stage, "parse");
}

TEST(parse, J3_says_which_row_was_of_a_wrong_type) {
    reading all = run_quotes({R"({"data":[)" + one + "," + one + R"(,{"symbol":"C","price":"2","at":3}]})"});
    EXPECT_TRUE(all.rows.empty()) << "a page's rows go on together or not at all";
    EXPECT_NE(all.reason().find("row 2 of \"/data\""), std::string::npos) << all.reason();
    EXPECT_NE(all.reason().find("at byte"), std::string::npos) << all.reason();
}

TEST(parse, J3_is_strict_about_types) {
    const std::vector<std::string> bad{R"({"symbol":1,"price":1,"at":1})",
                                       R"({"symbol":null,"price":1,"at":1})",
                                       R"({"symbol":"A","price":true,"at":1})",
                                       R"({"symbol":"A","price":1e999,"at":1})",
                                       R"({"symbol":"A","price":NaN,"at":1})",
                                       R"({"symbol":"A","price":1,"at":1.0})",
                                       R"({"symbol":"A","price":1,"at":"1"})",
                                       R"({"symbol":"A","price":1,"at":9223372036854775808})",
                                       R"({"symbol":"A","price":1})",
                                       R"({"Symbol":"A","price":1,"at":1})",
                                       R"({"symbol":"\ud800","price":1,"at":1})",
                                       "[]",
                                       "7",
                                       "null"};
    for (const std::string& row : bad) {
        const reading all = run_quotes({R"({"data":[)" + row + "]}"});
        EXPECT_EQ(all.dead.size(), 1U) << row;
        EXPECT_TRUE(all.rows.empty()) << row;
    }
}

TEST(parse, J1_refuses_text_that_is_not_utf8) {
    EXPECT_EQ(run_quotes({"{\"data\":[],\"x\":\"\xff\"}"}).dead.size(), 1U);
    EXPECT_EQ(run_quotes({"{\"data\":[],\"x\":\"\xc0\xaf\"}"}).dead.size(), 1U);
}

TEST(parse, brackets_are_counted_everywhere_and_told_apart_where_somebody_reads) {
    const std::string begun = R"({"data":[{"symbol":"A","price":1.5,"at":7)";
    const std::string rest = R"({"symbol":"B","price":2,"at":8}])";
    const std::pair<std::string, bool> pages[] = {
        {begun + "]," + rest + "}", true},               // The reader has what it wants, and looks no further.
        {begun + R"(,"x":[1}},)" + rest + "}", true},    // Nor does it here.
        {begun + "}," + rest + R"(,"next":[}})", true},  // Behind the rows nobody reads.
        {begun + "}," + rest + R"(,"next":{"page":[}]})", true},
        {begun + "}," + rest + R"(,"next":[})", false},    // One too few.
        {begun + "}," + rest + R"(,"next":[]]})", false},  // One too many.
        {begun + "}," + rest.substr(0, rest.size() - 1) + "}}", false},
        {begun + "}," + rest + "]", false}};
    for (const auto& [page, passes] : pages) EXPECT_EQ(run_quotes({page}).dead.empty(), passes) << page;
}

TEST(parse, says_that_nothing_is_at_the_pointer) {
    reading all = run_quotes({R"({"date":[]})", R"([1])", R"({"a":{"data":[]}})"});
    ASSERT_EQ(all.dead.size(), 3U);
    EXPECT_NE(all.reason(0).find("nothing is there"), std::string::npos) << all.reason();
    EXPECT_NE(all.reason(0).find("/data"), std::string::npos);
}

TEST(parse, J4_refuses_empty_pages_and_text_behind_the_end) {
    const std::string good = R"({"data":[)" + one + "]}";
    for (const std::string& body :
         {std::string(), std::string("   "), good + "x", good + good, good + "}}}", good + ",",
          "\xef\xbb\xbf\xef\xbb\xbf" + good, std::string("7"), std::string("\"data\"")}) {
        const reading all = run_quotes({body});
        EXPECT_EQ(all.dead.size(), 1U) << body;
        EXPECT_TRUE(all.rows.empty()) << body;
    }
    EXPECT_EQ(run_quotes({good + " \n\t\r "}).rows.size(), 1U);
}

TEST(parse, J4_a_page_cut_at_any_byte_makes_no_row) {
    std::string whole = R"({"count":9,"data":[)";
    for (int i = 0; i < 40; ++i) {
        whole += (i == 0 ? "" : ",") + std::string(R"({"symbol":"S","price":2.25,"at":123456})");
    }
    whole += R"(],"next":{"page":2,"of":[3,4]},"tail":"end"})";
    ASSERT_GT(whole.size(), 1500U);
    const std::vector<std::string> cuts = all_cuts(whole);
    const reading all = run_quotes(cuts);
    EXPECT_EQ(all.dead.size(), cuts.size());
    EXPECT_TRUE(all.rows.empty());
    EXPECT_EQ(run_quotes({whole}).rows.size(), 1U);
}

TEST(parse, J6_a_malformed_late_element_makes_no_row) {
    std::string body = R"({"data":[)";
    for (int i = 0; i < 1000; ++i)
        body += (i == 0 ? "" : ",") + (i == 900 ? std::string(R"({"symbol":"A","price":,})") : one);
    const reading all = run_quotes({body + "]}"});
    EXPECT_EQ(all.dead.size(), 1U);
    EXPECT_TRUE(all.rows.empty());
}

TEST(parse, J2_deep_nesting_is_a_dead_letter) {
    const std::string deep(1'000'000, '[');
    EXPECT_EQ(run_quotes({R"({"data":[],"x":)" + deep}).dead.size(), 1U);
    EXPECT_EQ(run(ps::parse("", read_quote), {deep}).dead.size(), 1U);
}

TEST(parse, J7_a_reader_may_throw_leave_out_rows_or_fail_the_page) {
    reading thrown =
        run(ps::parse("/data", [](simdjson::ondemand::object) -> quote { throw std::runtime_error("no more"); }),
            {R"({"data":[{}]})"});
    EXPECT_EQ(thrown.reason(), "no more");
    EXPECT_EQ(thrown.dead[0].kind, ps::error_kind::stage);

    const reading some = run(ps::parse("/data",
                                       [](simdjson::ondemand::object o) -> std::optional<quote> {
                                           quote q = read_quote(o);
                                           if (q.at < 0) return std::nullopt;
                                           return q;
                                       }),
                             {R"({"data":[)" + one + R"(,{"symbol":"B","price":2,"at":-1},)" + one + "]}"});
    EXPECT_EQ(some.rows, (std::vector<quotes>{{first, first}}));

    reading failed = run(ps::parse("/data",
                                   [](simdjson::ondemand::object) -> ps::result<quote> {
                                       return ps::failure{ps::error_kind::bad_status, "the body says error"};
                                   }),
                         {R"({"data":[{}]})"});
    EXPECT_EQ(failed.dead[0].kind, ps::error_kind::bad_status);
    EXPECT_EQ(failed.reason(), "the body says error");
}

TEST(parse, a_parser_that_failed_reads_the_next_page) {
    std::vector<std::string> bodies;
    for (int i = 0; i < 50; ++i) {
        bodies.push_back("{\"data\":[{\"symbol\"");
        bodies.push_back(R"({"data":[)" + one + "]}");
    }
    const reading all = run_quotes(bodies);
    EXPECT_EQ(all.dead.size(), 50U);
    EXPECT_EQ(all.rows.size(), 50U);
}

TEST(parse, a_parser_is_thrown_away_however_its_page_failed) {
    // Where a parser puts the texts that it reads: so large a place is given back to the system with the parser.
    std::vector<const char*> places;
    const auto read_and = [&](auto fail) {
        return [&places, fail](simdjson::ondemand::object o) -> ps::result<quote> {
            const std::string_view symbol = o["symbol"];
            places.push_back(symbol.data());
            if (symbol == "A") return quote{std::string(symbol), 0, 0};
            return fail(o);
        };
    };
    const auto reads_on = [&](auto fail, bool same) {
        places.clear();
        const std::string large = R"({"symbol":"B","x":")" + std::string(4'000'000, 'x') + R"("})";
        const reading all = run(ps::parse("", read_and(fail)), {large, one});
        EXPECT_EQ(all.dead.size(), same ? 0U : 1U);
        ASSERT_EQ(places.size(), 2U);
        EXPECT_EQ(places[0] == places[1], same);
    };
    reads_on([](simdjson::ondemand::object) { return quote{}; }, true);
    reads_on([](simdjson::ondemand::object) -> quote { throw std::runtime_error("no more"); }, false);
    reads_on([](simdjson::ondemand::object) { return ps::failure{ps::error_kind::stage, "no more"}; }, false);
    reads_on([](simdjson::ondemand::object o) { return quote{"", double(o["x"]), 0}; }, false);
}

TEST(parse, takes_a_callable_on_the_page_instead) {
    ps::testing::collected<std::string> kept;
    auto job =
        ps::testing::pages({"a", "b"})
        | ps::parse([](const ps::page& from) { return std::string(from.url()) + "=" + std::string(from.body()); })
        | kept.sink();
    ps::testing::run_inline(job);
    EXPECT_EQ(kept.values(), (std::vector<std::string>{"test://page/0=a", "test://page/1=b"}));
}

TEST(parse, reads_values_that_are_no_objects) {
    ps::testing::collected<std::vector<std::int64_t>> kept;
    auto job = ps::testing::pages({"[1,2,3]"})
               | ps::parse("", [](simdjson::ondemand::value v) { return std::int64_t(v.get_int64()); }) | kept.sink();
    ps::testing::run_inline(job);
    EXPECT_EQ(kept.values(), (std::vector<std::vector<std::int64_t>>{{1, 2, 3}}));
}

}  // namespace
