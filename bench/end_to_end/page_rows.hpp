#pragma once

#include <simdjson.h>

#include <string>

namespace bench_job {

/// What is read past the end of a page's bytes; its buffer must be that much longer, with anything in it.
inline constexpr std::size_t page_padding = simdjson::SIMDJSON_PADDING;

/// Reads pages and writes their rows as COPY text, without a row object between. For the hand-written contenders;
/// penstock has its own. One thread at a time.
class page_rows {
public:
    /// Adds the page's rows to `copy` and returns how many. Throws `simdjson::simdjson_error`.
    std::size_t append(const char* page, std::size_t size, std::size_t capacity, std::string& copy);

private:
    simdjson::ondemand::parser parser_;
};

}  // namespace bench_job
