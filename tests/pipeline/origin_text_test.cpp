// How numbers from a source stand in a dead letter.
#include <gtest/gtest.h>

#include <charconv>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/detail/value_type.hpp"
#include "penstock/sources/from.hpp"
#include "penstock/testing/run_inline.hpp"
#include "tests/account.hpp"

namespace ps = penstock;

namespace {

template <class Number>
class origin_text : public ::testing::Test {};
using floats = ::testing::Types<float, double>;
TYPED_TEST_SUITE(origin_text, floats);

TYPED_TEST(origin_text, of_a_number_reads_back_as_the_same) {
    using limits = std::numeric_limits<TypeParam>;
    const std::vector<TypeParam> numbers{TypeParam(1.5e-9), TypeParam(0.1), 1, limits::max(), -limits::denorm_min()};
    std::vector<std::string> origins;
    auto job = ps::from(numbers) | ps::serial("fail", [](TypeParam) { throw std::runtime_error("bad"); });
    ps::testing::expect_settled(ps::testing::run_inline(
        job, {.dead_letters = [&](const ps::dead_letter& letter) { origins.push_back(letter.origin); }}));
    ASSERT_EQ(origins.size(), numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        TypeParam read = 0;
        std::from_chars(origins[i].data(), origins[i].data() + origins[i].size(), read);
        EXPECT_EQ(read, numbers[i]) << origins[i];
    }
    EXPECT_EQ(origins[1], "0.1");
}

template <class Number>
void expect_room(Number number) {
    ps::dead_letter letter;
    ps::detail::origin_text<Number>::describe(&number, letter);
    EXPECT_LE(letter.origin.size(), ps::detail::origin_text<Number>::size(&number)) << letter.origin;
}

TEST(origin_text_size, is_enough_for_the_longest_numbers) {
    expect_room(true);
    expect_room(std::int8_t{-128});
    expect_room(std::numeric_limits<std::int64_t>::min());
    expect_room(std::numeric_limits<std::uint64_t>::max());
    expect_room(-1.1754944e-38F);
    expect_room(-2.2250738585072014e-308);
    expect_room(-std::numeric_limits<double>::max());
    expect_room(-std::numeric_limits<long double>::denorm_min());
    expect_room(-std::numeric_limits<long double>::infinity());
}

}  // namespace
