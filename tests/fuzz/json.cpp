// What parse makes of a page that is whole, of every page that was cut, and of one with a wrong byte; with a reader
// that lets errors throw, and with one that goes on.
#include <optional>

#include "formats.hpp"
#include "penstock/stages/parse/json_rows.hpp"
#include "tests/schedules/choices.hpp"

namespace penstock::testing {

namespace {

struct document {
    std::string text;
    std::vector<std::int64_t> rows;
};

std::string blank(choices& script) { return script.pick({"", "", " ", "\n", "\t "}); }

/// Something that is not looked at, for the reader to walk over.
std::string filling(choices& script, unsigned depth) {
    const unsigned what = script.below(depth == 0 ? 6 : 9);
    if (what >= 6) {
        std::string inner;
        for (unsigned left = script.below(3); left != 0; --left) {
            inner += inner.empty() ? "" : ",";
            inner += what == 6 ? "\"data\":" : "";
            inner += blank(script) + filling(script, depth - 1);
        }
        return what == 6 ? '{' + inner + '}' : '[' + inner + ']';
    }
    return script.pick({"null", "true", "-1.5e3", "\"}]\\\"\"", "\"\\u00e9\"", "0"});
}

/// {"x": …, "data": [{"n": 1, "x": …}, …], "y": …}
document make(choices& script) {
    document made;
    made.text = blank(script) + '{';
    if (script.one_in(2)) made.text += "\"x\":" + filling(script, 2) + ',';
    made.text += "\"data\":" + blank(script) + '[';
    for (unsigned left = script.below(5), first = 1; left != 0; --left, first = 0) {
        made.rows.push_back(script.byte() - 100);
        made.text += (first != 0 ? "{\"n\":" : ",{\"n\":") + std::to_string(made.rows.back()) + blank(script);
        if (script.one_in(2)) made.text += ",\"x\":" + filling(script, 1);
        made.text += '}';
    }
    made.text += ']';
    if (script.one_in(2)) made.text += ",\"y\":" + filling(script, 2);
    made.text += '}' + blank(script);
    return made;
}

std::int64_t row_of(simdjson::ondemand::value row) { return row.get_object()["n"].get_int64(); }

/// Keeps simdjson's errors for itself; what it cannot read is 0.
std::int64_t row_whatever_happens(simdjson::ondemand::value row) {
    std::int64_t number = 0;
    simdjson::ondemand::object fields;
    if (row.get_object().get(fields) || fields["n"].get(number)) return 0;
    return number;
}

/// The rows of a page; nothing if it is refused.
template <class Reader>
std::optional<std::vector<std::int64_t>> read(const std::string& text, Reader reader) {
    static simdjson::ondemand::parser parser;
    static const detail::json_pointer pointer("/data");
    const page from("test://page", text);
    detail::json_reading reading(parser, from, pointer);
    std::vector<std::int64_t> rows;
    try {
        reading.each([&](simdjson::ondemand::value row) {
            rows.push_back(reader(row));
            return true;
        });
    } catch (const simdjson::simdjson_error& error) {
        if (reading.explain(error.error()).reason.empty()) rows = {-999};
        return std::nullopt;
    }
    return rows;
}

template <class Reader>
std::string check_reader(const document& whole, const std::string& wrong, const std::string& longer, Reader reader) {
    if (read(whole.text, reader) != whole.rows) return "other rows than there are: " + whole.text;
    const std::size_t end = whole.text.find_last_of('}');
    for (std::size_t cut = 0; cut < whole.text.size(); ++cut) {
        const auto rows = read(whole.text.substr(0, cut), reader);
        if (rows && cut <= end) return "cut, and taken for whole: " + whole.text.substr(0, cut);
    }
    (void)read(wrong, reader);
    if (read(longer, reader)) return "text behind the end: " + longer;
    return {};
}

}  // namespace

std::string check_json(std::span<const std::uint8_t> bytes) {
    choices script(bytes);
    const document whole = make(script);
    std::string wrong = whole.text;
    wrong[script.byte() % wrong.size()] = static_cast<char>(script.byte());
    const std::string longer = whole.text + script.pick({"}", "]", "{", "1", ",", "\"", "x"});
    const std::string found = check_reader(whole, wrong, longer, row_of);
    return found.empty() ? check_reader(whole, wrong, longer, row_whatever_happens) : found;
}

}  // namespace penstock::testing
