#include "type_fit.hpp"

namespace penstock::detail::postgresql {
namespace {

/// The decimals of a numeric(p, s); negative ones round to tens and hundreds.
int decimals_of(int modifier) noexcept { return (((modifier - 4) & 0x7ff) ^ 0x400) - 0x400; }

}  // namespace

bool type_fits(const column_spec& column, const stored_type& stored) {
    const std::string& name = stored.name;
    const bool holds_text = name == "text" || name == "varchar" || name == "bpchar";
    switch (column.type) {
        case cell_type::integer:
            if (name == "numeric") return stored.modifier < 0 || decimals_of(stored.modifier) >= 0;
            return name == "int8" || name == "int4" || name == "int2";
        case cell_type::real: return name == "float8" || (name == "numeric" && stored.modifier < 0);
        case cell_type::boolean: return name == "bool";
        case cell_type::bytes: return name == "bytea";
        case cell_type::text: return name != "name" && name != "char" && name != "bytea";
        case cell_type::date: return name == "date" || holds_text;
        case cell_type::timestamp:
            // Without a zone PostgreSQL keeps the time in UTC; with fewer than six decimals it would round it.
            if (name == "timestamptz" || name == "timestamp") return stored.modifier < 0 || stored.modifier >= 6;
            return holds_text;
        case cell_type::decimal:
            if (name != "numeric") return holds_text;
            return stored.modifier < 0
                   || (column.decimals && static_cast<int>(*column.decimals) <= decimals_of(stored.modifier));
        case cell_type::json: return name == "json" || name == "jsonb" || holds_text;
    }
    return false;
}

}  // namespace penstock::detail::postgresql
