#pragma once

#include <chrono>
#include <string>

#include "becomes_true.hpp"
#include "postgresql_store.hpp"
#include "tests/relay.hpp"

namespace penstock::testing {

/// A batch for each item, or for those that come together.
inline constexpr store_options at_once{.create_table = true, .max_age = std::chrono::milliseconds(1)};

/// A store that reaches its server through a relay, and a link beside it.
struct relay_fixture : ::testing::Test {
    using moment = relay::moment;
    using fate = relay::fate;

    own_schema schema;
    relay between{server_url()};

    database through(database_options options = {}) const { return database(between.url(schema.url()), options); }

    /// One that gives up after a minute, so that a test that goes wrong ends.
    postgresql_store<quote> store_through(database_options options = {}, store_options batches = at_once) const {
        if (options.retry_for == database_options().retry_for) options.retry_for = 60s;
        return {through(options), quotes(), batches};
    }
    std::string rows() const { return schema.other.value("select count(*) from quotes"); }

    /// The symbols that are in the table, in their order.
    std::vector<std::string> symbols() const { return schema.other.ask("select symbol from quotes order by 1"); }
};

}  // namespace penstock::testing
