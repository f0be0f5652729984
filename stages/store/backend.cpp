#include "penstock/stages/store/backend.hpp"

#include "connection.hpp"
#include "ledger_desk.hpp"
#include "ledger_reader.hpp"
#include "postgresql/address.hpp"
#include "postgresql/connection.hpp"
#include "postgresql/encoder.hpp"
#include "postgresql/ledger_desk.hpp"
#include "postgresql/ledger_reader.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/encoder.hpp"
#include "sqlite/ledger_desk.hpp"
#include "sqlite/ledger_reader.hpp"
#include "sqlite/table_rules.hpp"
#include "store_sink.hpp"

// The only place that knows which databases there are: a further one adds a line to each switch.

namespace penstock::detail {

void check_table(const database& in, const table_spec& table) {
    switch (in.kind()) {
        case database_kind::sqlite: sqlite::check_table(table); break;
        // Any name is a name to PostgreSQL; what can be wrong without asking it is the address.
        case database_kind::postgresql: postgresql::read_address(database_access::address(in)); break;
    }
}

std::unique_ptr<row_encoder> make_encoder(const database& to, std::shared_ptr<const table_spec> table) {
    switch (to.kind()) {
        case database_kind::sqlite: return std::make_unique<sqlite::encoder>(std::move(table));
        case database_kind::postgresql: return std::make_unique<postgresql::encoder>(std::move(table));
    }
    return nullptr;
}

std::unique_ptr<connection> connect(const database& to, const table_specs& tables, const store_options& options,
                                    const std::stop_token& ending, const ledger_terms& ledger) {
    switch (to.kind()) {
        case database_kind::sqlite: return std::make_unique<sqlite::connection>(to, tables, options, ending, ledger);
        case database_kind::postgresql:
            return std::make_unique<postgresql::connection>(to, tables, options, ending, ledger);
    }
    return nullptr;
}

std::unique_ptr<ledger_reader> open_ledger(const database& in, const table_specs& tables, const ledger_terms& terms,
                                           const store_options& options, const std::stop_token& ending) {
    switch (in.kind()) {
        case database_kind::sqlite: return std::make_unique<sqlite::ledger_reader>(in, terms, options, ending);
        case database_kind::postgresql: return std::make_unique<postgresql::ledger_reader>(in, tables, terms, ending);
    }
    return nullptr;
}

std::unique_ptr<ledger_desk> open_desk(const database& in, const std::string& schema) {
    switch (in.kind()) {
        case database_kind::sqlite: return std::make_unique<sqlite::ledger_desk>(in);
        case database_kind::postgresql: return std::make_unique<postgresql::ledger_desk>(in, schema);
    }
    return nullptr;
}

std::unique_ptr<any_sink> make_store_sink(database to, table_specs tables, store_options options) {
    return std::make_unique<store_sink>(std::move(to), std::move(tables), options);
}

}  // namespace penstock::detail
