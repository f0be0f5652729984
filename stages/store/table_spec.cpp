#include "penstock/stages/store/table_spec.hpp"

#include <algorithm>

#include "decimal_rules.hpp"
#include "penstock/errors.hpp"
#include "text_rules.hpp"

namespace penstock::detail {
namespace {

std::vector<std::string> split_at_dots(std::string_view name) {
    std::vector<std::string> parts;
    for (std::size_t dot = name.find('.'); dot != name.npos; dot = name.find('.')) {
        parts.emplace_back(name.substr(0, dot));
        name.remove_prefix(dot + 1);
    }
    parts.emplace_back(name);
    return parts;
}

/// `what` says which name it is, as in "column 2 of table quotes".
void check_name(std::string_view name, const std::string& what) {
    if (name.empty()) throw bad_option(what + " is empty; a name has 1 to 63 bytes");
    if (name.size() > max_name_bytes)
        throw bad_option(what + " has " + std::to_string(name.size())
                         + " bytes; a name has at most 63, PostgreSQL would cut it there");
    if (const std::string_view why = why_text_is_refused(name); !why.empty())
        throw bad_option(what + " cannot be a name: " + std::string(why));
}

/// It goes into SQL as the program wrote it, so it must not be able to say more than a type.
void check_sql_type(const column_spec& column, const std::string& table) {
    const auto allowed = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9')
               || std::string_view("_ .,()[]\"").find(letter) != std::string_view::npos;
    };
    int depth = 0;
    bool sound = std::ranges::all_of(column.sql_type, allowed) && std::ranges::count(column.sql_type, '"') % 2 == 0;
    for (const char letter : column.sql_type) {
        depth += letter == '(' ? 1 : letter == ')' ? -1 : 0;
        sound = sound && depth >= 0 && (letter != ',' || depth > 0);
    }
    if (!sound || depth != 0)
        throw bad_option("the sql_type of column " + column.name + " of table " + table
                         + " is not the name of a type; it has letters, digits and _ . , ( ) [ ] \" only");
}

}  // namespace

bool table_spec::has_key() const noexcept {
    return std::any_of(columns.begin(), columns.end(), [](const column_spec& column) { return column.key; });
}

table_spec make_table_spec(std::string_view name, std::vector<column_spec> columns) {
    table_spec spec{std::string(name), split_at_dots(name), std::move(columns)};
    // A name that holds a NUL or nothing would make a poor message: it is shown only once it is known to be sound.
    for (const std::string& part : spec.parts)
        check_name(part, spec.parts.size() == 1 ? "the table name" : "a part of the table name");
    if (spec.parts.size() > 2)
        throw bad_option("the table name " + spec.name + " has " + std::to_string(spec.parts.size())
                         + " parts; write table or schema.table");
    if (spec.columns.empty()) throw bad_option("table " + spec.name + " has no columns; give it one or more");
    for (std::size_t i = 0; i < spec.columns.size(); ++i) {
        column_spec& column = spec.columns[i];
        check_name(column.name, "the name of column " + std::to_string(i + 1) + " of table " + spec.name);
        for (std::size_t k = 0; k < i; ++k)
            if (spec.columns[k].name == column.name)
                throw bad_option("table " + spec.name + " names the column " + column.name + " twice");
        if (column.key && column.nullable)
            throw bad_option("column " + column.name + " of table " + spec.name
                             + " is a key and optional; a primary key cannot be NULL, so take a plain value, or say "
                               "not_null()");
        check_sql_type(column, spec.name);
        column.decimals = decimals_of(column.sql_type);
    }
    return spec;
}

}  // namespace penstock::detail
