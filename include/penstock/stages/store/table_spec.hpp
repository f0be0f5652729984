#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/stages/store/cell_type.hpp"

namespace penstock::detail {

/// A column as the database sees it.
struct column_spec {
    std::string name;
    cell_type type = cell_type::text;
    bool nullable = false;
    bool key = false;
    std::string sql_type{};  ///< The declared type that the program wants in PostgreSQL; empty if it does not.
    std::optional<unsigned> decimals{};  ///< How many a declared numeric keeps; nothing if it keeps all.
};

/// A table without its row type: what is needed to quote, create, check and insert. Never changes once it is made.
struct table_spec {
    std::string name;                ///< As the user wrote it; for messages.
    std::vector<std::string> parts;  ///< The name without its dots: the table, or schema and table.
    std::vector<column_spec> columns;

    const std::string& table() const noexcept { return parts.back(); }
    bool has_key() const noexcept;
};

/// The tables of a store, in the order in which an item's rows are written.
using table_specs = std::vector<std::shared_ptr<const table_spec>>;

/// The longest name that PostgreSQL does not cut (NAMEDATALEN - 1).
inline constexpr std::size_t max_name_bytes = 63;

/// Takes the name apart at its dots and checks everything that no database needs to be asked for. Throws `bad_option`.
table_spec make_table_spec(std::string_view name, std::vector<column_spec> columns);

}  // namespace penstock::detail
