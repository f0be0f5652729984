#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/dead_letter.hpp"
#include "penstock/detail/slot.hpp"
#include "penstock/request.hpp"

namespace penstock::detail {

/// The letter of an item that has failed, or was settled otherwise. Throws `std::bad_alloc`.
dead_letter letter_of(const slot& item, outcome how);

/// About how many bytes that letter takes as JSON, without making it. Seldom fewer than it will be.
std::size_t letter_size(const slot& item) noexcept;

/// A letter as it stands in a report.
std::string one_line(const dead_letter& letter);

/// A letter as one JSON object, without an end of line. Always valid UTF-8: other bytes become U+FFFD. Where they are
/// needed to try the item again, they stand beside it in hexadecimal, as in `key_hex`; of a body there is only that.
std::string json_of(const dead_letter& letter);

/// The letter that such an object says; nothing if it is none. Fields that are not there stay empty, unknown ones are
/// left out.
std::optional<dead_letter> read_letter(std::string_view json);

/// What a line of a file of letters holds. Neither a letter nor a part of one: the line is something else.
struct letter_line {
    std::optional<dead_letter> letter;
    bool cut_off = false;  ///< There is a part of a letter, alone or in front of the whole one.
};
letter_line read_letter_line(std::string_view line);

/// Logs that so many lines of a file hold letters that were cut off.
void tell_of_cut_lines(const std::filesystem::path& file, std::uint64_t how_many, std::uint64_t first) noexcept;

/// The request that a letter tells of; nothing if it has no URL of http or https, not its body, or a method that is
/// none.
std::optional<request> request_of(const dead_letter& letter);

}  // namespace penstock::detail
