#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "penstock/errors.hpp"
#include "penstock/stages/store/backend.hpp"

namespace penstock::testing {

/// A cell as a test knows it: its type is that of its column.
struct nasty_cell {
    bool null = false;
    std::int64_t integer = 0;
    double real = 0;
    std::string text{};
    std::chrono::sys_time<std::chrono::microseconds> time{};
};
using nasty_row = std::vector<nasty_cell>;
using nasty_item = std::vector<nasty_row>;

/// Tables, rows and names that nobody would write and every database must keep.
class random_tables {
public:
    explicit random_tables(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t end) { return random_() % end; }
    bool one_in(std::size_t many) { return below(many) == 0; }
    template <class Value>
    const Value& one_of(const std::vector<Value>& values) {
        return values[below(values.size())];
    }

    /// The first column is the key. All others may be NULL or not.
    std::shared_ptr<const detail::table_spec> table() {
        for (;;) try {
                std::vector<detail::column_spec> columns{{name(true), cell_type::integer, false, true}};
                for (std::size_t i = below(7); i > 0; --i)
                    columns.push_back({name(true), static_cast<cell_type>(below(9)), !one_in(3), false});
                auto made = detail::make_table_spec(name(false), std::move(columns));
                detail::check_table(database("sqlite:x"), made);
                return std::make_shared<const detail::table_spec>(std::move(made));
            } catch (const bad_option&) {  // Too long, twice the same but for case, …: another one.
            }
    }

    nasty_item item(const detail::table_spec& table, std::size_t ids) {
        nasty_item rows(below(4));
        for (nasty_row& row : rows) {
            for (const auto& column : table.columns) row.push_back(cell(column));
            row[0] = {.integer = static_cast<std::int64_t>(below(ids))};
        }
        return rows;
    }

private:
    std::string name(bool with_dots) {
        static const std::vector<std::string> words = {"\"",
                                                       "a",
                                                       "T",
                                                       ";",
                                                       "'",
                                                       "--",
                                                       " ",
                                                       "\"\"",
                                                       "\\",
                                                       "é",
                                                       "\n",
                                                       "select",
                                                       "$1",
                                                       "drop table",
                                                       ":",
                                                       "?1",
                                                       "/*",
                                                       "😀",
                                                       "penstock_staging_0_0",
                                                       "present",
                                                       "excluded",
                                                       "\t",
                                                       "%s",
                                                       ")"};
        std::string made;
        for (std::size_t i = 1 + below(4); i > 0; --i) made += one_of(words);
        if (with_dots && one_in(5)) made += ".x";
        return made;
    }

    nasty_cell cell(const detail::column_spec& column) {
        if (one_in(column.nullable ? 8 : 200)) return {.null = true};
        using namespace std::chrono;
        switch (column.type) {
            case cell_type::integer:
            case cell_type::boolean:
                return {.integer = one_of<std::int64_t>({0, 1, -1, INT64_MAX, INT64_MIN, 42, 43, -44})};
            case cell_type::real:
                return {.real =
                            one_of<double>({0.0, 0.1, -1e308, 5e-324, 1e15, 1.25, 1.0 / 3, 1e-7, 9007199254740993.0})};
            case cell_type::date:
            case cell_type::timestamp:
                // From 0001 to 9999, now and then beyond.
                return {.time = sys_days(year(1) / January / 1) + hours(below(87'660'000))
                                + microseconds(below(3'600'000'000))};
            case cell_type::decimal:
                if (one_in(40)) return {.text = one_of<std::string>({"NaN", "1e5", "", ".5"})};
                return {.text = one_of<std::string>({"0", "1.50", "-12.005", "12345678901234567890.1"})};
            case cell_type::json:
                if (one_in(40))
                    return {.text = one_of<std::string>({"", "{", "[1,]", "nul", "'a'", "[1] x", "\"\\q\""})};
                return {.text = one_of<std::string>(
                            {"{}", " [1, 2.50]", "\"\u00e9é\"", "null", "1e400", "{\"a\":1,\"a\":2}"})};
            case cell_type::text:
            case cell_type::bytes: break;
        }
        static const std::vector<std::string> words = {"",
                                                       "a",
                                                       "\\",
                                                       "\\N",
                                                       "\\.",
                                                       "\t",
                                                       "\n",
                                                       "\r",
                                                       "é",
                                                       "😀",
                                                       "\b",
                                                       "\x01",
                                                       "'",
                                                       "\"",
                                                       "NULL",
                                                       "\x7f",
                                                       "12",
                                                       "0x1",
                                                       std::string(40, 'x')};
        std::string text;
        for (std::size_t i = below(5); i > 0; --i) text += one_of(words);
        if (one_in(30)) text += one_in(2) ? std::string(1, '\0') : std::string("\xe9");
        return {.text = std::move(text)};
    }

    std::mt19937_64 random_;
};

/// Gives an item's rows to an encoder. Says why it is refused; nothing if it is not.
inline std::string encode(const detail::table_spec& table, const nasty_item& item, detail::row_encoder& to) {
    to.begin();
    for (const nasty_row& row : item) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const nasty_cell& cell = row[i];
            if (cell.null) {
                to.null();
                continue;
            }
            switch (table.columns[i].type) {
                case cell_type::integer: to.integer(cell.integer); break;
                case cell_type::boolean: to.boolean(cell.integer > 0); break;
                case cell_type::real: to.real(cell.real); break;
                case cell_type::text:
                case cell_type::json: to.text(cell.text); break;
                case cell_type::bytes: to.bytes(std::as_bytes(std::span(cell.text))); break;
                case cell_type::date: to.date(std::chrono::floor<std::chrono::days>(cell.time)); break;
                case cell_type::timestamp: to.timestamp(cell.time); break;
                case cell_type::decimal: to.decimal(cell.text); break;
            }
        }
        to.end_row();
        if (to.refused()) return to.refusal();
    }
    return {};
}

}  // namespace penstock::testing
