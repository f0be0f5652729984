#pragma once

#include <simdjson.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "penstock/failure.hpp"
#include "penstock/page.hpp"
#include "penstock/stages/parse/explain_json.hpp"
#include "penstock/stages/parse/json_pointer.hpp"

namespace penstock::detail {

static_assert(padded_bytes::padding >= simdjson::SIMDJSON_PADDING);

/// One reading of one page: goes to the pointer, hands each element to a callable, and then follows the document to its
/// end, so that a page that was cut off is not taken for a shorter one. Throws `simdjson_error`; `explain` puts it into
/// words. Header-only, since On Demand's types belong to the kernel that the including file is compiled for.
class json_reading {
public:
    json_reading(simdjson::ondemand::parser& parser, const page& from, const json_pointer& pointer)
        : parser_(parser), page_(from), pointer_(pointer) {}

    /// Calls `take(value)` for each row's value until it returns false. True if all were taken.
    template <class Take>
    bool each(Take&& take) {
        const padded_bytes& bytes = page_.bytes();
        if (bytes.size() == 0) throw simdjson::simdjson_error(simdjson::EMPTY);
        document_ = parser_.iterate(simdjson::padded_string_view(bytes.data(), bytes.size(), bytes.capacity()));
        started_ = true;
        simdjson::ondemand::value root = document_.get_value();
        const bool is_row = pointer_.tokens().empty() && root.type().value() == simdjson::ondemand::json_type::object;
        if (!descend(root, 0, take)) return false;
        if (is_row) walk_root();
        require_end();
        return true;
    }

    /// What went wrong, where: the row, and the byte.
    failure explain(simdjson::error_code error) {
        const char* at = nullptr;
        if (started_ && document_.current_location().get(at) != simdjson::SUCCESS) at = nullptr;
        return explain_json(page_, pointer_.text(), problem_ != nullptr ? problem_ : simdjson::error_message(error),
                            rows_, in_rows_, at);
    }

private:
    template <class Take>
    bool rows_of(simdjson::ondemand::value& value, Take& take) {
        in_rows_ = true;
        bool all = true;
        if (value.type().value() == simdjson::ondemand::json_type::array) {
            for (simdjson::ondemand::value element : value.get_array()) {
                all = take(element);
                if (!all) return false;
                require_alive();
                ++rows_;
            }
        } else {
            all = take(value);
            if (!all) return false;
            require_alive();
        }
        in_rows_ = false;
        return all;
    }

    /// Walks one level down and, on the way back, over everything that follows, to the closing bracket.
    template <class Take>
    bool descend(simdjson::ondemand::value& value, std::size_t depth, Take& take) {
        if (depth == pointer_.tokens().size()) return rows_of(value, take);
        const std::string& token = pointer_.tokens()[depth];
        bool found = false;
        bool all = true;
        if (value.type().value() == simdjson::ondemand::json_type::array) {
            const auto wanted = json_pointer::position(token);
            std::size_t at = 0;
            for (simdjson::ondemand::value element : value.get_array()) {
                if (wanted == at++) {
                    found = true;
                    all = descend(element, depth + 1, take);
                    if (!all) return false;
                }
            }
        } else if (value.type().value() == simdjson::ondemand::json_type::object) {
            // As a plain field: its error, if it has one, must be thrown also where nobody looks at it.
            for (simdjson::ondemand::field field : value.get_object()) {
                if (!found && std::string_view(field.unescaped_key().value()) == token) {
                    found = true;
                    simdjson::ondemand::value inner = field.value();
                    all = descend(inner, depth + 1, take);
                    if (!all) return false;
                }
            }
        }
        if (!found) fail("nothing is there", simdjson::NO_SUCH_FIELD);
        return all;
    }

    /// A reader may leave an object half read; where nothing encloses it, nobody else follows it to its end.
    void walk_root() {
        require_alive();
        document_.rewind();
        simdjson::ondemand::value root = document_.get_value();
        for (simdjson::ondemand::field field : root.get_object()) (void)field;
    }

    void require_end() {
        require_alive();
        const char* at = nullptr;
        // Past the last token simdjson says that it is out of bounds; anything else is text behind the document.
        const auto error = document_.current_location().get(at);
        if (error == simdjson::OUT_OF_BOUNDS) return;
        if (error == simdjson::SUCCESS && at >= page_.bytes().data() + page_.bytes().size()) return;
        fail("there is text behind the end of the document", simdjson::TRAILING_CONTENT);
    }

    /// A reader that looks at error codes may go on behind an error from which simdjson cannot. The document then looks
    /// like one that was read to its end, and may not be rewound.
    void require_alive() {
        if (!document_.is_alive())
            fail("the reader went on behind an error in the text: malformed or cut off", simdjson::TAPE_ERROR);
    }

    [[noreturn]] void fail(const char* problem, simdjson::error_code error) {
        problem_ = problem;
        throw simdjson::simdjson_error(error);
    }

    simdjson::ondemand::parser& parser_;
    const page& page_;
    const json_pointer& pointer_;
    simdjson::ondemand::document document_;
    const char* problem_ = nullptr;
    std::size_t rows_ = 0;
    bool started_ = false;
    bool in_rows_ = false;
};

}  // namespace penstock::detail
