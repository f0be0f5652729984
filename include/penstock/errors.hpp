#pragma once

#include <stdexcept>
#include <string>

#include "penstock/report.hpp"

namespace penstock {

/// An option, a name or an address that cannot work. Thrown by the factory or by `run` before anything is taken; the
/// message says which one, its value, and what would be right.
class bad_option : public std::invalid_argument {
public:
    using std::invalid_argument::invalid_argument;
};

/// The world is not ready: the database cannot be reached, a table is missing, a file cannot be opened. Thrown by
/// `run` before the first item is taken.
class preflight_failed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The world went away in mid-run: the database, the source, the dead-letter sink, all proxies. Thrown by `run` after everything in
/// flight has been settled; `report()` accounts for every item.
class run_failed : public std::runtime_error {
public:
    explicit run_failed(penstock::report report);
    const penstock::report& report() const noexcept { return *report_; }

private:
    std::shared_ptr<const penstock::report> report_;
};

}  // namespace penstock
