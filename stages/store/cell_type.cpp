#include "penstock/stages/store/cell_type.hpp"

namespace penstock {

std::string_view to_string(cell_type type) noexcept {
    switch (type) {
        case cell_type::integer: return "integer";
        case cell_type::real: return "real";
        case cell_type::text: return "text";
        case cell_type::boolean: return "boolean";
        case cell_type::bytes: return "bytes";
        case cell_type::date: return "date";
        case cell_type::timestamp: return "timestamp";
        case cell_type::decimal: return "decimal";
        case cell_type::json: return "JSON";
    }
    return "unknown";
}

}  // namespace penstock
