#include "penstock/stages/parse/json_pointer.hpp"

#include <gtest/gtest.h>

#include "penstock/errors.hpp"

namespace ps = penstock;
using ps::detail::json_pointer;
using tokens = std::vector<std::string>;

namespace {

TEST(json_pointer, is_taken_apart) {
    EXPECT_EQ(json_pointer("").tokens(), tokens{});
    EXPECT_EQ(json_pointer("/").tokens(), tokens{""});
    EXPECT_EQ(json_pointer("/a/0/b c").tokens(), (tokens{"a", "0", "b c"}));
    EXPECT_EQ(json_pointer("/~1/~0/m~0~1n/").tokens(), (tokens{"/", "~", "m~/n", ""}));
}

TEST(json_pointer, that_is_none_is_refused_with_a_cure) {
    try {
        json_pointer("data");
        FAIL() << "bad_option was expected";
    } catch (const ps::bad_option& error) {
        EXPECT_NE(std::string(error.what()).find("write \"/data\""), std::string::npos) << error.what();
    }
    EXPECT_THROW(json_pointer("/a~"), ps::bad_option);
    EXPECT_THROW(json_pointer("/a~2"), ps::bad_option);
}

TEST(json_pointer, positions_are_plain_numbers) {
    EXPECT_EQ(json_pointer::position("0"), 0U);
    EXPECT_EQ(json_pointer::position("120"), 120U);
    for (const char* none : {"", "01", "-1", "+1", "1a", " 1", "99999999999999999999999"}) {
        EXPECT_FALSE(json_pointer::position(none).has_value()) << none;
    }
}

}  // namespace
