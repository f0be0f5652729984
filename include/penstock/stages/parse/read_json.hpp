#pragma once

#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "penstock/call_failed.hpp"
#include "penstock/page.hpp"
#include "penstock/stages/parse.hpp"

namespace penstock {

/// The rows of one page, as `parse(pointer, reader)` would make them in a pipeline. Throws `bad_option` if the pointer
/// is not one, `call_failed` if the page cannot be read, and what the reader throws. Any thread.
template <class Reader>
requires(detail::reads_objects<std::decay_t<Reader>> || detail::reads_values<std::decay_t<Reader>>) auto read_json(
    const page& from, std::string_view pointer, Reader&& reader) {
    using stage = detail::json_stage<std::decay_t<Reader>>;
    stage reading(detail::json_pointer(pointer), std::forward<Reader>(reader));
    reading.open(1);
    std::vector<typename stage::row> rows;
    failure why;
    if (!reading.read(from, rows, why, 0)) throw call_failed(std::move(why));
    return rows;
}

}  // namespace penstock
