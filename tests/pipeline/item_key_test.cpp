// The keys of a ledger, which must never change: a database outlives the version that wrote it. What is expected here
// was computed by Python's hashlib.blake2b(…, digest_size=16).
#include "penstock/item_key.hpp"

#include <gtest/gtest.h>

#include "penstock/detail/value_type.hpp"
#include "penstock/request.hpp"
#include "pipeline/blake2b.hpp"

namespace ps = penstock;

namespace {
struct order {
    int number;
};
struct parcel {};
}  // namespace

template <>
struct penstock::keyed_as<order> {
    static std::string key(const order& of) { return "order " + std::to_string(of.number); }
};

namespace {

std::string hash_of(std::string_view text, std::size_t step) {
    ps::blake2b hash;
    for (; !text.empty(); text.remove_prefix(std::min(step, text.size()))) hash.add(text.substr(0, step));
    std::string digits;
    for (const unsigned char byte : hash.finish()) {
        constexpr std::string_view hex = "0123456789abcdef";
        digits += hex[byte >> 4];
        digits += hex[byte & 15];
    }
    return digits;
}

std::string key_of(const auto& value) {
    return to_string(ps::detail::value_type_of<std::remove_cvref_t<decltype(value)>>.key(&value));
}

TEST(item_key, the_hash_is_blake2b_over_blocks_of_any_length) {
    for (const std::size_t step : {1U, 7U, 128U, 1000U}) {
        EXPECT_EQ(hash_of("", step), "cae66941d9efbd404e4d88758ea67670");
        EXPECT_EQ(hash_of("abc", step), "cf4ab791c62b8d2b2109c90275287816");
        EXPECT_EQ(hash_of(std::string(128, 'x'), step), "874acca82a22239ec64a3e70c3ae494e");
        EXPECT_EQ(hash_of(std::string(129, 'x'), step), "b9ee96f69e8210c624fee55d71d5a54f");
        EXPECT_EQ(hash_of(std::string(1000, 'x'), step), "c9b2bd4ff487864c29fb41fab3e8187e");
    }
}

TEST(item_key, a_request_has_the_key_that_it_always_had) {
    EXPECT_EQ(to_string(ps::key_of_request("GET", "https://example.org/1", "")), "653e62ecfb904bd2d0e564006573f3e8");
    EXPECT_EQ(to_string(ps::key_of_request("POST", "https://example.org/1", "{}")), "71a0bf9d7d2a17b76b0bc395fb859596");
    EXPECT_EQ(key_of(ps::request{.url = "https://example.org/1"}), "653e62ecfb904bd2d0e564006573f3e8");
}

TEST(item_key, headers_and_tag_do_not_make_another_request) {
    EXPECT_EQ(key_of(ps::request{.url = "https://example.org/1", .headers = {{"A", "b"}}, .tag = "7"}),
              key_of(ps::request{.url = "https://example.org/1"}));
}

TEST(item_key, a_request_may_say_its_own_key) {
    EXPECT_EQ(key_of(ps::request{.url = "https://example.org/?token=1", .key = "order 17"}),
              "b82e45154c87020d8691d930fdee77f7");
}

TEST(item_key, texts_integers_and_own_types_have_theirs) {
    EXPECT_EQ(to_string(ps::key_of_text("order 17")), "b82e45154c87020d8691d930fdee77f7");
    EXPECT_EQ(key_of(std::string("order 17")), "b82e45154c87020d8691d930fdee77f7");
    EXPECT_EQ(key_of(order{17}), "b82e45154c87020d8691d930fdee77f7");
    EXPECT_EQ(key_of(17), to_string(ps::key_of_text("17")));
}

TEST(item_key, other_types_have_none) {
    EXPECT_EQ(ps::detail::value_type_of<parcel>.key, nullptr);
    EXPECT_EQ(ps::detail::value_type_of<double>.key, nullptr);
}

TEST(item_key, a_text_is_never_taken_for_a_request) {
    EXPECT_NE(ps::key_of_text("GET"), ps::key_of_request("", "GET", ""));
    EXPECT_NE(ps::key_of_request("GET", "u", "b"), ps::key_of_request("GET", "ub", ""));
}

TEST(item_key, digits_read_back_and_nothing_else_does) {
    const ps::item_key key = ps::key_of_text("x");
    EXPECT_EQ(ps::read_item_key(to_string(key)), key);
    EXPECT_EQ(to_string(ps::read_item_key("653e62ec-fb90-4bd2-d0e5-64006573f3e8")), "653e62ecfb904bd2d0e564006573f3e8");
    EXPECT_EQ(ps::read_item_key("653e62ecfb904bd2d0e564006573f3"), ps::item_key());
    EXPECT_EQ(ps::read_item_key("653e62ecfb904bd2d0e564006573f3e80"), ps::item_key());
    EXPECT_EQ(ps::read_item_key("653e62ecfb904bd2d0e564006573f3eg"), ps::item_key());
}

}  // namespace
