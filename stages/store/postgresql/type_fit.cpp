#include "type_fit.hpp"

namespace penstock::detail::postgresql {
namespace {

/// The decimals of a numeric(p, s); negative ones round to tens and hundreds.
int decimals_of(int modifier) noexcept { return (((modifier - 4) & 0x7ff) ^ 0x400) - 0x400; }

}  // namespace

bool type_fits(cell_type type, const stored_type& stored) {
    const std::string& name = stored.name;
    switch (type) {
        case cell_type::integer:
            if (name == "numeric") return stored.modifier < 0 || decimals_of(stored.modifier) >= 0;
            return name == "int8" || name == "int4" || name == "int2";
        case cell_type::real: return name == "float8" || (name == "numeric" && stored.modifier < 0);
        case cell_type::boolean: return name == "bool";
        case cell_type::bytes: return name == "bytea";
        case cell_type::text: return name != "name" && name != "char" && name != "bytea";
    }
    return false;
}

}  // namespace penstock::detail::postgresql
