#include "penstock/stages/store/backend.hpp"

#include "connection.hpp"
#include "penstock/errors.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/encoder.hpp"
#include "sqlite/table_rules.hpp"
#include "store_sink.hpp"

// The only place that knows which databases there are: a further one adds a line to each switch.

namespace penstock::detail {
namespace {

[[noreturn]] void refuse_postgresql() { throw bad_option("this build cannot store into postgresql://; use sqlite:"); }

}  // namespace

void check_table(const database& in, const table_spec& table) {
    switch (in.kind()) {
        case database_kind::sqlite: return sqlite::check_table(table);
        case database_kind::postgresql: break;
    }
    refuse_postgresql();
}

std::unique_ptr<row_encoder> make_encoder(const database& to, std::shared_ptr<const table_spec> table) {
    switch (to.kind()) {
        case database_kind::sqlite: return std::make_unique<sqlite::encoder>(std::move(table));
        case database_kind::postgresql: break;
    }
    refuse_postgresql();
}

std::unique_ptr<connection> connect(const database& to, const table_spec& table, const store_options& options) {
    switch (to.kind()) {
        case database_kind::sqlite: return std::make_unique<sqlite::connection>(to, table, options);
        case database_kind::postgresql: break;
    }
    refuse_postgresql();
}

std::unique_ptr<any_sink> make_store_sink(database to, std::shared_ptr<const table_spec> table, store_options options) {
    return std::make_unique<store_sink>(std::move(to), std::move(table), options);
}

}  // namespace penstock::detail
