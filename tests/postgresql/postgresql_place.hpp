#pragma once

#include <string>
#include <vector>

#include "penstock/stages/store/database.hpp"
#include "server.hpp"

namespace penstock::testing {

/// A schema with nothing in it.
class postgresql_place {
public:
    std::string address() const { return schema.url(); }
    database target() const { return database(address()); }
    void run(const std::string& sql) const { schema.other.run(sql); }
    std::vector<std::string> ask(const std::string& sql) const { return schema.other.ask(sql); }
    std::string value(const std::string& sql) const { return schema.other.value(sql); }

    /// Two days pass by for a ledger.
    void make_older(const std::string& ledger) const {
        run("UPDATE penstock_ledgers SET begun = begun - interval '2 days' WHERE name = '" + ledger + "'");
        run("UPDATE penstock_ledger SET settled = settled - interval '2 days' "
            "WHERE ledger = (SELECT id FROM penstock_ledgers WHERE name = '"
            + ledger + "')");
    }

    own_schema schema;
};

}  // namespace penstock::testing
