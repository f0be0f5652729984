#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/sources/from.hpp"
#include "penstock/stages/store.hpp"
#include "tests/account.hpp"

namespace penstock::testing {

/// A row of these tests. Its table has no key: a row that is stored twice is there twice.
struct entry {
    std::int64_t item = 0;
    std::int64_t number = 0;
};

inline table<entry> entries() {
    return table("entries", column("item", &entry::item), column("number", &entry::number));
}

/// What becomes of an item of this number: every tenth is dropped, every tenth fails, every tenth has no rows, one in
/// ten has a row that the table refuses if it says so (`not_below`), the others have three rows.
inline result<std::vector<entry>> rows_of(std::int64_t item) {
    switch (item % 10) {
        case 1: return dropped;
        case 2: return failure{error_kind::parse, "number " + std::to_string(item)};
        case 3: return std::vector<entry>{};
        case 4: return std::vector<entry>{{item, 0}, {item, -1}};
        default: return std::vector<entry>{{item, 0}, {item, 1}, {item, 2}};
    }
}

/// The table of `entries` that refuses negative numbers, whatever the database.
inline constexpr const char* create_entries =
    "CREATE TABLE entries (item bigint NOT NULL, number bigint NOT NULL CHECK (number >= 0))";

inline std::vector<std::int64_t> numbers(std::int64_t count) {
    std::vector<std::int64_t> made;
    for (std::int64_t one = 0; one < count; ++one) made.push_back(one);
    return made;
}

/// "item|number" of all rows that an unbroken run over so many items leaves behind, in their order.
inline std::vector<std::string> unbroken_rows(std::int64_t items) {
    std::vector<std::string> rows;
    for (std::int64_t item = 0; item < items; ++item) {
        const auto made = rows_of(item);
        if (!made.has_value() || item % 10 == 4) continue;
        for (const entry& row : made.value())
            rows.push_back(std::to_string(row.item) + "|" + std::to_string(row.number));
    }
    return rows;
}

/// Numbers from a source, their rows into a database; counts what the stage was given.
class entries_job {
public:
    entries_job(database to, std::vector<std::int64_t> items, store_options options = {})
        : job_(from(std::move(items))
               | parallel("rows",
                          [this](std::int64_t item) {
                              const std::lock_guard lock(mutex_);
                              ++seen_[item];
                              return make_(item);
                          })
               | store(std::move(to), entries(), options)) {}

    /// Runs it; keeps the dead letters.
    report run(run_options options) {
        if (options.dead_letters.target() == nullptr)
            options.dead_letters = [this](const dead_letter& letter) { letters.push_back(letter); };
        return settled_run(job_, options);
    }
    entries_job& making(std::function<result<std::vector<entry>>(std::int64_t)> make) {
        make_ = std::move(make);
        return *this;
    }

    /// How often the stage was given this item.
    std::size_t seen(std::int64_t item) const { return seen_.contains(item) ? seen_.at(item) : 0; }
    std::size_t seen() const {
        std::size_t all = 0;
        for (const auto& [item, times] : seen_) all += times;
        return all;
    }

    std::vector<dead_letter> letters;

private:
    std::function<result<std::vector<entry>>(std::int64_t)> make_ = rows_of;
    std::mutex mutex_;
    std::map<std::int64_t, std::size_t> seen_;
    pipeline job_;
};

}  // namespace penstock::testing
