#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace penstock {

/// A column of a table: its name, and where its value is found in a row.
///
///     column("symbol", &quote::symbol).key()
///     column("day", [](const quote& q) { return q.at_ms / 86'400'000; })
///
///     column("paid", &order::paid).sql_type("numeric(12,2)")
///
/// The getter is a pointer to a member, or a const callable that takes `const Row&`. It gives
///   - an integer of up to 64 bits, `float`, `double`, `bool`;
///   - text (`std::string`, `std::string_view`, `const char*`) or bytes (`std::vector<std::byte>`, a span of them);
///   - a date (`std::chrono::year_month_day`, `sys_days`) or a time (`std::chrono::sys_time` of any duration), which is
///     stored in UTC and rounded down to the microsecond, as PostgreSQL has it; SQLite gets the text of ISO 8601,
///     "2026-11-22" and "2026-11-22T09:05:00.000000Z";
///   - `decimal`, `json_text`, and every type that has a `stored_as`;
///   - a `std::optional` of one of these, which makes the column nullable; nothing else does.
/// Getters run on several threads at once. A view that a getter returns must point into the row.
///
/// Unsigned values above the largest signed one, text with a NUL byte, text that is not UTF-8, days that are not in the
/// calendar from 0001-01-01 to 9999-12-31 and decimals that the column would round are errors of the row.
template <class Getter>
class column {
public:
    column(std::string_view name, Getter from) : name_(name), from_(std::move(from)) {}

    /// The same column as a part of the table's primary key.
    column key() && {
        key_ = true;
        return std::move(*this);
    }
    column key() const& { return column(*this).key(); }

    /// The same column without NULL although its getter gives an optional: one without a value is an error of the row.
    column not_null() && {
        not_null_ = true;
        return std::move(*this);
    }
    column not_null() const& { return column(*this).not_null(); }

    /// The same column with the type that `create_table` declares in PostgreSQL, such as "jsonb" or "numeric(12,2)". It
    /// goes into SQL as it is, so it may only hold letters, digits and `_ . , ( ) [ ] "`. A `decimal` with more
    /// decimals than the type keeps is an error of the row, in every database. SQLite's STRICT tables know five types,
    /// so they are made without it.
    column sql_type(std::string_view type) && {
        sql_type_ = type;
        return std::move(*this);
    }
    column sql_type(std::string_view type) const& { return column(*this).sql_type(type); }

    const std::string& name() const noexcept { return name_; }
    bool is_key() const noexcept { return key_; }
    bool is_not_null() const noexcept { return not_null_; }
    const std::string& declared_type() const noexcept { return sql_type_; }
    const Getter& getter() const noexcept { return from_; }

private:
    std::string name_;
    Getter from_;
    std::string sql_type_;
    bool key_ = false;
    bool not_null_ = false;
};

}  // namespace penstock
