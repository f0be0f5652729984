#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace penstock::testing {

/// Each makes an input of the bytes, gives it to one reader or writer of a format, and holds the result against what
/// it finds out by itself. They return what is wrong, with the input; nothing if all is well.
std::string check_url(std::span<const std::uint8_t> bytes);
std::string check_header(std::span<const std::uint8_t> bytes);
std::string check_cookie(std::span<const std::uint8_t> bytes);
std::string check_head(std::span<const std::uint8_t> bytes);
std::string check_classify(std::span<const std::uint8_t> bytes);
std::string check_retry(std::span<const std::uint8_t> bytes);
std::string check_copy(std::span<const std::uint8_t> bytes);
std::string check_names(std::span<const std::uint8_t> bytes);
std::string check_json(std::span<const std::uint8_t> bytes);

/// The same with names and cells and a real PostgreSQL, which PENSTOCK_TEST_POSTGRESQL gives the address of.
std::string check_server(std::span<const std::uint8_t> bytes);

/// A text that is put together from words and, now and then, any byte.
std::string spell(std::span<const std::uint8_t> bytes, const std::vector<std::string>& words);

}  // namespace penstock::testing
