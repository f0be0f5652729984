#include "stages/store/sqlite/encoder.hpp"

#include <cmath>
#include <limits>

#include "sqlite_store.hpp"
#include "stages/store/sqlite/wire.hpp"
#include "stages/store/text_rules.hpp"
#include "stages/store/text_words.hpp"

namespace penstock::detail {
namespace {

using penstock::testing::holds;

struct anything {
    std::uint64_t number = 0;
    double real = 0;
    std::string text{};
    const char* pointer = "";
    char letters[4] = {'a', 'b', 'c', 'd'};
};

table<anything> things() {
    return table("things", column("number", &anything::number), column("real", &anything::real),
                 column("text", &anything::text), column("pointer", &anything::pointer),
                 column("letters", &anything::letters));
}

/// Encodes a good row and then this one; says why that was refused.
std::string refusal_of(const anything& row) {
    const auto table = things();
    sqlite::encoder encoder(table.spec());
    encoder.begin();
    table.read({}, encoder);
    EXPECT_FALSE(encoder.refused());
    table.read(row, encoder);
    return encoder.refusal();
}

TEST(encoder_test, what_the_database_would_change_is_refused_with_its_place) {
    EXPECT_EQ(refusal_of({.number = std::uint64_t{1} << 63}),
              "column number of table things: 9223372036854775808 is above the largest 64-bit signed integer, "
              "9223372036854775807 (row 1 of the item, counted from 0)");
    EXPECT_TRUE(holds(refusal_of({.real = std::nan("")}), "column real of table things: NaN"));
    EXPECT_TRUE(holds(refusal_of({.real = -std::numeric_limits<double>::infinity()}), "infinite"));
    EXPECT_TRUE(
        holds(refusal_of({.text = std::string("a\0b", 3)}), "column text of table things: the text holds a NUL"));
    EXPECT_TRUE(holds(refusal_of({.text = "caf\xe9"}), "not valid UTF-8"));
    EXPECT_TRUE(holds(refusal_of({.pointer = nullptr}),
                      "column pointer of table things: no value in a column that is NOT NULL"));
    EXPECT_EQ(refusal_of({.number = std::numeric_limits<std::int64_t>::max(), .real = -0.0, .text = "café 😀"}), "");
}

TEST(encoder_test, the_first_refusal_is_the_one_that_is_told) {
    EXPECT_TRUE(holds(refusal_of({.number = ~std::uint64_t{0}, .real = std::nan("")}), "column number"));
}

TEST(encoder_test, an_encoder_begins_afresh_after_a_refusal) {
    const auto table = things();
    sqlite::encoder encoder(table.spec());
    encoder.begin();
    table.read({.text = "\xff"}, encoder);
    EXPECT_TRUE(encoder.refused());
    encoder.begin();
    table.read({}, encoder);
    EXPECT_FALSE(encoder.refused());
    EXPECT_EQ(encoder.finish().rows, 1U);
}

TEST(encoder_test, cells_come_out_as_they_went_in) {
    const auto table = things();
    sqlite::encoder encoder(table.spec());
    encoder.begin();
    table.read({.number = 7, .real = 0.1, .text = "", .pointer = "p"}, encoder);
    const encoded_rows rows = encoder.finish();
    sqlite::cell_reader cells(rows.bytes);
    ASSERT_EQ(cells.next(), sqlite::tag::integer);
    EXPECT_EQ(cells.number<std::int64_t>(), 7);
    ASSERT_EQ(cells.next(), sqlite::tag::real);
    EXPECT_EQ(cells.number<double>(), 0.1);
    ASSERT_EQ(cells.next(), sqlite::tag::text);
    EXPECT_EQ(cells.string(), "");
    ASSERT_EQ(cells.next(), sqlite::tag::text);
    EXPECT_EQ(cells.string(), "p");
    ASSERT_EQ(cells.next(), sqlite::tag::text);
    EXPECT_EQ(cells.string(), "abcd");
}

TEST(encoder_test, P9_a_nul_or_a_wrong_byte_is_found_at_every_place_of_a_text) {
    for (std::size_t size = 1; size <= 40; ++size)
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'x');
            EXPECT_TRUE(why_text_is_refused(text).empty());
            text[at] = '\0';
            EXPECT_TRUE(holds(std::string(why_text_is_refused(text)), "NUL")) << size << ' ' << at;
            text[at] = '\x80';
            EXPECT_TRUE(holds(std::string(why_text_is_refused(text)), "UTF-8")) << size << ' ' << at;
            text[at] = '\x7f';
            EXPECT_TRUE(why_text_is_refused(text).empty());
        }
}

TEST(encoder_test, P14_a_plain_text_is_copied_and_no_other_is_plain) {
    for (std::size_t size = 1; size <= 24; ++size)
        for (std::size_t at = 0; at < size; ++at)
            for (int letter = 0; letter < 256; ++letter) {
                std::string text(size, 'x');
                text[at] = static_cast<char>(letter);
                const bool careful = letter < 14 || letter == '\\' || letter > 127;
                std::string copy(size + 1, '|');  // The last byte is not its own.
                const char* const end = copy_plain(text, copy.data());
                ASSERT_EQ(end == nullptr, careful) << letter << ' ' << size << ' ' << at;
                if (careful) continue;
                ASSERT_EQ(end, copy.data() + size);
                ASSERT_EQ(copy, text + '|') << letter << ' ' << size << ' ' << at;
            }
    char nothing = '|';
    EXPECT_EQ(copy_plain("", &nothing), &nothing);
    EXPECT_EQ(nothing, '|');
}

TEST(encoder_test, a_bad_row_makes_the_whole_item_a_failure_of_kind_load) {
    const auto piece = make_store_piece(database("sqlite:x.db"), things(), {});
    const auto stage = piece.make_stage<std::vector<anything>>();
    stage->open(1);
    std::vector<anything> rows(5);
    rows[3].text = "\xff";
    alignas(encoded_rows) std::byte room[sizeof(encoded_rows)];
    failure why;
    EXPECT_EQ(stage->apply(&rows, room, why, 0), verdict::fail);
    EXPECT_EQ(why.kind, error_kind::load);
    EXPECT_TRUE(holds(why.reason, "(row 3 of the item"));
}

TEST(encoder_test, a_store_takes_single_rows_too) {
    const auto piece = make_store_piece(database("sqlite:x.db"), things(), {});
    const auto stage = piece.make_stage<anything>();
    stage->open(1);
    anything row;
    alignas(encoded_rows) std::byte room[sizeof(encoded_rows)];
    failure why;
    ASSERT_EQ(stage->apply(&row, room, why, 0), verdict::pass);
    auto* made = reinterpret_cast<encoded_rows*>(room);
    EXPECT_EQ(made->rows, 1U);
    std::destroy_at(made);
}

}  // namespace
}  // namespace penstock::detail
