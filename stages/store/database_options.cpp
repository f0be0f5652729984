#include "penstock/stages/store/database_options.hpp"

#include <string>

#include "penstock/errors.hpp"

namespace penstock::detail {
namespace {

void check_time(std::chrono::milliseconds value, std::chrono::milliseconds least, const char* field) {
    if (value < least || value > std::chrono::hours(24))
        throw bad_option(std::string("database_options::") + field + " is " + std::to_string(value.count())
                         + " ms; it must be from " + std::to_string(least.count()) + " ms to 24 h");
}

}  // namespace

void check(const database_options& options) {
    using std::chrono::milliseconds;
    if (options.connections == 0 || options.connections > 64)
        throw bad_option("database_options::connections is " + std::to_string(options.connections)
                         + "; it must be from 1 to 64");
    check_time(options.connect_timeout, milliseconds(1), "connect_timeout");
    check_time(options.answer_timeout, milliseconds(1), "answer_timeout");
    check_time(options.retry_for, milliseconds(1), "retry_for");
    check_time(options.lock_timeout, milliseconds(0), "lock_timeout");
    check_time(options.statement_timeout, milliseconds(0), "statement_timeout");
}

}  // namespace penstock::detail
