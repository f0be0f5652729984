#include "type_fit.hpp"

#include <algorithm>
#include <string>

namespace penstock::detail::sqlite {
namespace {

/// What a column does to the values it is given.
enum class storage { keeps_all, integer, real, numeric, text, only_bytes };

std::string in_capitals(std::string_view text) {
    std::string capitals(text);
    std::transform(text.begin(), text.end(), capitals.begin(), [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter;
    });
    return capitals;
}

storage strict_storage(const std::string& declared) {
    if (declared == "ANY") return storage::keeps_all;
    if (declared == "REAL") return storage::real;
    if (declared == "TEXT") return storage::text;
    if (declared == "BLOB") return storage::only_bytes;
    return storage::integer;
}

/// The rules of https://www.sqlite.org/datatype3.html, section 3.1, in their order.
storage loose_storage(const std::string& declared) {
    const auto holds = [&](std::string_view part) { return declared.find(part) != declared.npos; };
    if (holds("INT")) return storage::integer;
    if (holds("CHAR") || holds("CLOB") || holds("TEXT")) return storage::text;
    if (holds("BLOB") || declared.empty()) return storage::keeps_all;
    if (holds("REAL") || holds("FLOA") || holds("DOUB")) return storage::real;
    return storage::numeric;
}

}  // namespace

bool type_fits(cell_type type, std::string_view declared, bool strict) {
    const std::string capitals = in_capitals(declared);
    const storage kept = strict ? strict_storage(capitals) : loose_storage(capitals);
    if (kept == storage::keeps_all) return true;
    switch (type) {
        case cell_type::integer:
        case cell_type::boolean: return kept == storage::integer || kept == storage::numeric;
        case cell_type::real: return kept == storage::real || kept == storage::numeric;
        case cell_type::text:
        case cell_type::decimal:
        case cell_type::json: return kept == storage::text;
        // What stands between the digits of a date keeps it from being taken for a number.
        case cell_type::date:
        case cell_type::timestamp: return kept == storage::text || (kept == storage::numeric && !strict);
        case cell_type::bytes: return kept == storage::only_bytes || !strict;
    }
    return false;
}

}  // namespace penstock::detail::sqlite
