#include "penstock/stages/store/store_options.hpp"

#include <string>

#include "penstock/errors.hpp"

namespace penstock::detail {
namespace {

void check_count(std::size_t value, const char* field) {
    if (value == 0) throw bad_option(std::string("store_options::") + field + " is 0: no batch could ever be filled");
}

void check_time(std::chrono::milliseconds value, const char* field) {
    if (value <= std::chrono::milliseconds(0) || value > std::chrono::hours(24))
        throw bad_option(std::string("store_options::") + field + " is " + std::to_string(value.count())
                         + " ms; it must be from 1 ms to 24 h");
}

}  // namespace

void check(const store_options& options) {
    check_count(options.max_rows, "max_rows");
    check_count(options.max_bytes, "max_bytes");
    check_time(options.max_age, "max_age");
    check_time(options.busy_timeout, "busy_timeout");
}

}  // namespace penstock::detail
