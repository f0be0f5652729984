#include "penstock/stages/store/store_options.hpp"

#include <string>

#include "penstock/errors.hpp"
#include "penstock/stages/store/table_spec.hpp"

namespace penstock {

std::string_view to_string(conflict_policy policy) noexcept {
    switch (policy) {
        case conflict_policy::error: return "error";
        case conflict_policy::ignore: return "ignore";
        case conflict_policy::update: return "update";
        case conflict_policy::update_if_different: return "update_if_different";
    }
    return "unknown";
}

namespace detail {
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

void check(const store_options& options, const table_spec& table) {
    if (options.conflicts != conflict_policy::error && !table.has_key())
        throw bad_option("store_options::conflicts is " + std::string(to_string(options.conflicts)) + ", and table "
                         + table.name + " has no key to find the other row by; mark its columns with key()");
}

}  // namespace detail
}  // namespace penstock
