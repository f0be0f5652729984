#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <random>

#include "penstock/stages/store/column.hpp"
#include "penstock/stages/store/table.hpp"
#include "stages/store/postgresql/copy_text.hpp"
#include "stages/store/postgresql/encoder.hpp"

namespace penstock::detail::postgresql {
namespace {

std::string text_of(std::string_view value) {
    wire_buffer to;
    append_text(to, value);
    return std::string(to.view());
}
std::string real_of(double value) {
    wire_buffer to;
    append_real(to, value);
    return std::string(to.view());
}

/// Escapes a character at a time: slow, and surely right.
std::string expected_text(std::string_view value) {
    std::string to;
    for (const char letter : value) switch (letter) {
            case '\\': to += "\\\\"; break;
            case '\t': to += "\\t"; break;
            case '\n': to += "\\n"; break;
            case '\r': to += "\\r"; break;
            default: to += letter;
        }
    return to;
}

TEST(postgresql_encoder_test, a_first_row_of_which_every_cell_is_refused_leaves_nothing) {
    struct note {
        std::string text;
    };
    const auto notes = penstock::table("notes", penstock::column("text", &note::text));
    encoder encoder(notes.spec());
    encoder.begin();
    notes.read({std::string(100, 'x')}, encoder);
    encoder.begin();
    notes.read({"\xff"}, encoder);
    notes.read({"\xff"}, encoder);
    EXPECT_TRUE(encoder.refused());
    EXPECT_EQ(encoder.finish().bytes, "");
}

TEST(postgresql_encoder_test, integers_are_written_as_the_standard_library_writes_them) {
    const auto expect_same = [](std::int64_t value) {
        char at[integer_size + 1];
        std::fill(std::begin(at), std::end(at), '|');  // The last one is not to be touched.
        const char* const end = write_integer(at, value);
        EXPECT_EQ(std::string_view(at, static_cast<std::size_t>(end - at)), std::to_string(value));
        EXPECT_EQ(at[integer_size], '|');
    };
    std::int64_t power = 1;
    for (int digits = 1; digits <= 19; ++digits) {
        for (const std::int64_t near : {power - 1, power, power + 1}) {
            expect_same(near);
            expect_same(-near);
        }
        if (digits < 19) power *= 10;
    }
    for (unsigned bits = 0; bits < 63; ++bits) {
        for (const std::int64_t near : {(std::int64_t{1} << bits) - 1, std::int64_t{1} << bits}) {
            expect_same(near);
            expect_same(-near);
        }
    }
    expect_same(std::numeric_limits<std::int64_t>::max());
    expect_same(std::numeric_limits<std::int64_t>::min());
    for (std::int64_t value = -11'000; value <= 11'000; ++value) expect_same(value);
}

TEST(postgresql_encoder_test, P14_each_letter_is_escaped_at_every_place) {
    for (int letter = 1; letter < 256; ++letter)
        for (std::size_t size = 1; size <= 24; ++size)
            for (std::size_t at = 0; at < size; ++at) {
                std::string text(size, 'x');
                text[at] = static_cast<char>(letter);
                ASSERT_EQ(text_of(text), expected_text(text)) << letter << ' ' << size << ' ' << at;
            }
}

TEST(postgresql_encoder_test, P14_any_text_is_escaped_as_letter_by_letter) {
    std::mt19937 random(7);
    for (int round = 0; round < 20'000; ++round) {
        std::string text(random() % 40, ' ');
        for (char& letter : text) letter = "\\\t\n\r\b\f\v\x0e\x7f\xc3\xa9 aN.\xff"[random() % 16];
        ASSERT_EQ(text_of(text), expected_text(text));
    }
}

TEST(postgresql_encoder_test, P14_every_real_reads_back_as_the_same_bits) {
    std::mt19937_64 random(7);
    const auto same = [](double value) {
        const std::string text = real_of(value);
        double read = 0;
        std::from_chars(text.data(), text.data() + text.size(), read);
        return std::memcmp(&read, &value, sizeof value) == 0;
    };
    for (const double value :
         {0.0, -0.0, 1e15, 1e11, 99999999999.9999, 5e-324, 1.7976931348623157e308, 0.1, 1e-4, 9.9999e-5})
        EXPECT_TRUE(same(value) && same(-value)) << value;
    for (int round = 0; round < 200'000; ++round) {
        double any = 0;
        const std::uint64_t bits = random();
        std::memcpy(&any, &bits, sizeof any);
        if (std::isfinite(any)) {
            ASSERT_TRUE(same(any)) << any;
        }
        const auto whole = static_cast<double>(static_cast<std::int64_t>(random()) >> (random() % 60));
        for (const double scale : {1.0, 10.0, 100.0, 1e4, 1e5, 3.0, 1e9})
            ASSERT_TRUE(same(whole / scale)) << whole / scale;
    }
}

TEST(postgresql_encoder_test, reals_are_short) {
    EXPECT_EQ(real_of(1.25), "1.25");
    EXPECT_EQ(real_of(-0.5), "-0.5");
    EXPECT_EQ(real_of(100), "100");
    EXPECT_EQ(real_of(0.1), "0.1");
    EXPECT_EQ(real_of(0.0001), "0.0001");
    EXPECT_EQ(real_of(-0.0), "-0");
    EXPECT_EQ(real_of(std::nan("")), "NaN");
    EXPECT_EQ(real_of(-std::numeric_limits<double>::infinity()), "-Infinity");
}

TEST(postgresql_encoder_test, a_row_is_a_line_of_copy) {
    const auto spec = std::make_shared<const table_spec>(table_spec{
        "t",
        {"t"},
        {{"a", cell_type::text, true, false}, {"b", cell_type::bytes, true, false}, {"c", cell_type::integer}}});
    encoder rows(spec);
    rows.begin();
    rows.text("");
    rows.null();
    rows.integer(std::numeric_limits<std::int64_t>::min());
    rows.end_row();
    rows.null();
    const std::byte bytes[] = {std::byte{0}, std::byte{0xff}, std::byte{'\\'}};
    rows.bytes(bytes);
    rows.boolean(true);
    rows.end_row();
    rows.text("\\.");
    rows.bytes({});
    rows.boolean(false);
    rows.end_row();
    EXPECT_EQ(rows.finish().bytes, "\t\\N\t-9223372036854775808\n\\N\t\\\\x00ff5c\tt\n\\\\.\t\\\\x\tf\n");
}

}  // namespace
}  // namespace penstock::detail::postgresql
