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
/// The getter is a pointer to a member, or a const callable that takes `const Row&`. It gives an integer of up to 64
/// bits, `float`, `double`, `bool`, text (`std::string`, `std::string_view`, `const char*`), bytes
/// (`std::vector<std::byte>`, a span of `std::byte`), or a `std::optional` of one of these. Only an optional makes the
/// column nullable. Getters run on several threads at once.
///
/// Unsigned values above the largest signed one, text with a NUL byte and text that is not UTF-8 are errors of the row.
/// A view that a getter returns must point into the row.
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

    const std::string& name() const noexcept { return name_; }
    bool is_key() const noexcept { return key_; }
    const Getter& getter() const noexcept { return from_; }

private:
    std::string name_;
    Getter from_;
    bool key_ = false;
};

}  // namespace penstock
