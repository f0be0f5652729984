// Readers that look at simdjson's error codes and go on.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "read_quotes.hpp"

namespace ps = penstock;

namespace {

/// Looks at error codes and goes on: what is not there or of another type has its default.
quote read_what_there_is(simdjson::ondemand::object o) {
    quote q;
    std::string_view symbol;
    if (o["symbol"].get(symbol) == simdjson::SUCCESS) q.symbol = symbol;
    if (o["price"].get(q.price) != simdjson::SUCCESS) q.price = -1;
    if (o["at"].get(q.at) != simdjson::SUCCESS) q.at = -1;
    return q;
}

/// Leaves out what it cannot read.
std::optional<quote> read_or_skip(simdjson::ondemand::object o) {
    quote q;
    std::string_view symbol;
    if (o["symbol"].get(symbol) || o["price"].get(q.price) || o["at"].get(q.at)) return std::nullopt;
    q.symbol = symbol;
    return q;
}

/// Walks over the fields and ends at the first that it cannot read.
quote read_some_fields(simdjson::ondemand::object o) {
    quote q;
    for (auto field : o) {
        std::string_view key;
        if (field.unescaped_key().get(key)) return q;
        if (key == "at" && field.value().get(q.at)) return q;
    }
    return q;
}

/// What comes of these bodies with each reader that keeps simdjson's errors for itself.
template <class Check>
void with_each_that_swallows_errors(std::string_view pointer, const std::vector<std::string>& bodies, Check check) {
    check("what there is", run(ps::parse(pointer, read_what_there_is), bodies));
    check("or skip", run(ps::parse(pointer, read_or_skip), bodies));
    check("some fields", run(ps::parse(pointer, read_some_fields), bodies));
    check("from a value", run(ps::parse(pointer,
                                        [](simdjson::ondemand::value v) {
                                            quote q;
                                            if (v["at"].get(q.at)) q.at = -1;
                                            return q;
                                        }),
                              bodies));
}

TEST(parse, J4_a_reader_that_swallows_errors_makes_no_row_of_a_cut_page) {
    const std::string array = "[" + one + "," + one + "]";
    const std::pair<std::string, std::string> pages[] = {{"/data", R"({"data":)" + array + R"(,"next":[1,{"a":2}]})"},
                                                         {"/data", R"({"data":)" + one + "}"},
                                                         {"/a/1", R"({"a":[0,)" + array + "]}"},
                                                         {"", array},
                                                         {"", one}};
    for (const auto& [pointer, whole] : pages) {
        const std::vector<std::string> cuts = all_cuts(whole);
        with_each_that_swallows_errors(pointer, cuts, [&](const char* reader, const reading& all) {
            for (std::size_t cut = 0; cut < cuts.size(); ++cut)
                EXPECT_TRUE(all.dead.contains(cut)) << reader << ": " << cuts[cut];
            EXPECT_TRUE(all.rows.empty()) << reader;
        });
        with_each_that_swallows_errors(pointer, {whole}, [&](const char* reader, const reading& all) {
            EXPECT_TRUE(all.dead.empty()) << reader << ": " << whole;
        });
    }
}

TEST(parse, J6_a_reader_that_swallows_errors_makes_no_row_of_a_malformed_page) {
    for (const std::string body : {"{", "{\"", R"({"at")", R"({"x":1 "at":2})", R"({"x" 1})", R"({1:2,"at":3})"}) {
        with_each_that_swallows_errors("", {body}, [&](const char* reader, const reading& all) {
            EXPECT_EQ(all.dead.size(), 1U) << reader << ": " << body;
        });
    }
}

TEST(parse, says_that_the_reader_went_on_behind_an_error) {
    reading all =
        run(ps::parse("/data", read_what_there_is), {R"({"data":[)" + one + R"(,{"symbol":"B" "price":1}]})"});
    EXPECT_NE(all.reason().find("row 1 of \"/data\""), std::string::npos) << all.reason();
    EXPECT_NE(all.reason().find("the reader went on behind an error"), std::string::npos) << all.reason();
}

TEST(parse, a_reader_may_see_for_itself_that_a_field_is_missing_or_of_another_type) {
    const std::string rows = one + R"(,{"symbol":"B","at":8},{"at":"9","price":null,"symbol":["C"]},{})";
    const quotes lax{first, {"B", -1, 8}, {"", -1, -1}, {"", -1, -1}};
    const std::string pages[] = {"[" + rows + "]", R"({"data":[)" + rows + R"(],"next":{}})"};
    for (const std::string& page : pages) {
        const std::string_view pointer = page.starts_with('[') ? "" : "/data";
        EXPECT_EQ(run(ps::parse(pointer, read_what_there_is), {page}).rows, (std::vector<quotes>{lax}));
        EXPECT_EQ(run(ps::parse(pointer, read_or_skip), {page}).rows, (std::vector<quotes>{{first}}));
    }
    EXPECT_EQ(run(ps::parse("", read_what_there_is), {"{}"}).rows, (std::vector<quotes>{{{"", -1, -1}}}));
    EXPECT_EQ(run(ps::parse("", read_or_skip), {R"({"at":"9"})"}).rows, std::vector<quotes>{{}});
}

}  // namespace
