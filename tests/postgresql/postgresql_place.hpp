#pragma once

#include <string>
#include <vector>

#include "penstock/stages/store/database.hpp"
#include "server.hpp"

namespace penstock::testing {

/// A schema with nothing in it.
class postgresql_place {
public:
    /// The column `key` of a ledger as digits.
    static constexpr const char* digits = "replace(key::text, '-', '')";
    /// Whether a batch that is written again is told from others.
    static constexpr bool knows_its_batches = true;
    /// How many schedules take about a second.
    static constexpr std::uint64_t schedules = 3;

    postgresql_place() = default;
    ~postgresql_place() {
        try {
            run("DROP SCHEMA IF EXISTS " + copy_name() + " CASCADE");
        } catch (const std::exception&) {  // As in `own_schema`.
        }
    }
    postgresql_place(const postgresql_place&) = delete;
    postgresql_place& operator=(const postgresql_place&) = delete;

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

    /// Whatever is put into this table is refused.
    void refuse_inserts(const std::string& table) const {
        run("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$; "
            "CREATE TRIGGER refuse BEFORE INSERT ON "
            + table + " FOR EACH ROW EXECUTE FUNCTION refuse()");
    }
    void allow_inserts(const std::string& table) const { run("DROP TRIGGER refuse ON " + table); }

    /// What the schema holds at this moment, in another schema; an address that leads there.
    std::string copy() const {
        std::string sql = "BEGIN ISOLATION LEVEL REPEATABLE READ; CREATE SCHEMA " + copy_name() + ";";
        for (const std::string table : {"entries", "penstock_ledgers", "penstock_ledger"}) {
            const std::string there = copy_name() + "." + table;
            sql.append("CREATE TABLE " + there + " (LIKE " + table + " INCLUDING ALL);")
                .append("INSERT INTO " + there + " OVERRIDING SYSTEM VALUE SELECT * FROM " + table + ";");
        }
        run(sql + "COMMIT");
        std::string url = address();
        return url.replace(url.rfind(schema.name), schema.name.size(), copy_name());
    }
    static std::vector<std::string> ask_at(const std::string& address, const std::string& sql) {
        return other_client(address).ask(sql);
    }

    own_schema schema;

private:
    std::string copy_name() const { return schema.name + "_copy"; }
};

}  // namespace penstock::testing
