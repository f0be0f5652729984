#include "penstock/stages/parse/read_json.hpp"

#include <gtest/gtest.h>

#include "penstock/errors.hpp"

namespace penstock {
namespace {

std::int64_t read_id(simdjson::ondemand::object o) { return std::int64_t(o["id"]); }

TEST(read_json, makes_rows_of_one_page) {
    const page one("http://h/", R"({"data":[{"id":1},{"id":2}]})");
    EXPECT_EQ(read_json(one, "/data", read_id), (std::vector<std::int64_t>{1, 2}));
}

TEST(read_json, says_where_a_page_cannot_be_read) {
    const page cut("http://h/", R"({"data":[{"id":1},{"id":)");
    const page wrong("http://h/", R"([{"id":1},{"id":"2"}])");
    for (const auto& [bad, pointer] : {std::pair(&cut, "/data"), {&wrong, ""}}) {
        try {
            (void)read_json(*bad, pointer, read_id);
            FAIL() << bad->body();
        } catch (const call_failed& failed) {
            EXPECT_EQ(failed.why().kind, error_kind::parse) << failed.what();
        }
    }
    EXPECT_THROW((void)read_json(wrong, "data", read_id), bad_option);
}

}  // namespace
}  // namespace penstock
