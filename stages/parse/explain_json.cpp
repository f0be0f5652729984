#include "penstock/stages/parse/explain_json.hpp"

#include <string>

namespace penstock::detail {

failure explain_json(const page& from, std::string_view pointer, std::string_view problem, std::size_t rows,
                     bool in_rows, const char* at) {
    failure why{error_kind::parse, {}};
    if (in_rows) why.reason += "row " + std::to_string(rows) + " of ";
    why.reason += '"';
    why.reason += pointer;
    why.reason += "\": ";
    why.reason += problem;
    const char* const begin = from.bytes().data();
    if (at != nullptr && at >= begin && at <= begin + from.bytes().size()) {
        why.reason += " (at byte " + std::to_string(at - begin) + " of " + std::to_string(from.bytes().size()) + ")";
    } else {
        why.reason += " (" + std::to_string(from.bytes().size()) + " bytes)";
    }
    return why;
}

}  // namespace penstock::detail
