#pragma once

#include <string>
#include <utility>

#include "server.hpp"
#include "tests/store/sqlite_store.hpp"

namespace penstock::testing {

/// A store that writes into a PostgreSQL table, item by item in the hands of a test.
template <class Row>
class postgresql_store : public hand_held_store<Row> {
public:
    postgresql_store(const std::string& url, table<Row> rows, store_options options = {.create_table = true},
                     std::size_t queue_size = 1000)
        : postgresql_store(database(url), std::move(rows), options, queue_size) {}
    postgresql_store(const database& to, table<Row> rows, store_options options, std::size_t queue_size = 1000)
        : hand_held_store<Row>(to, std::move(rows), options, queue_size) {}
};

/// A row that every kind of constraint can be put on.
struct node {
    std::int64_t id = 0;
    std::optional<std::int64_t> parent{};
    std::optional<std::string> note{};
};

inline table<node> nodes() {
    return table("nodes", column("id", &node::id).key(), column("parent", &node::parent), column("note", &node::note));
}

/// One batch for all that is given: only the end closes it.
inline constexpr store_options one_batch{.max_rows = 1'000'000, .max_age = std::chrono::hours(1)};
inline constexpr store_options one_batch_created{
    .create_table = true, .max_rows = 1'000'000, .max_age = std::chrono::hours(1)};

}  // namespace penstock::testing
