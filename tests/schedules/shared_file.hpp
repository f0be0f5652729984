#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/store/sqlite_file.hpp"

namespace penstock::testing {

/// A database file that schedules write to, one after the other.
class shared_file {
public:
    shared_file();
    void clear();
    std::string url() const;
    /// Rows of each item, in the order of the items: "item|rows".
    std::vector<std::string> rows() const;

private:
    temporary_folder folder_;
    std::optional<other_program> program_;
};

}  // namespace penstock::testing
