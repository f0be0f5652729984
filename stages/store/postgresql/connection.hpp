#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "../connection.hpp"
#include "claims.hpp"
#include "isolate.hpp"
#include "ledger.hpp"
#include "session.hpp"
#include "table_writer.hpp"

namespace penstock::detail::postgresql {

/// Tables of a PostgreSQL server that rows are copied into. What was acknowledged as committed is as safe as the
/// server's `synchronous_commit` makes it.
///
/// A batch is first copied as it is, in one COPY a table and one transaction. If it meets a key that is there already,
/// and the options say what to do then, it is done again by way of a temporary table. If a row is refused, the
/// transaction is rolled back and done again, with savepoints around ever fewer items until the refused ones are known.
class connection final : public detail::connection {
public:
    /// Connects, creates and checks. Throws `preflight_failed`.
    connection(const database& to, const table_specs& tables, const store_options& options,
               const ledger_terms& ledger = {});
    ~connection() override;

    write_result write(std::span<const encoded_rows* const> items) override { return write_once(items, {}); }
    write_result write_once(std::span<const encoded_rows* const> items, const ledger_page& page) override;
    void interrupt() noexcept override;

    /// How many statements the server was given so far.
    std::uint64_t statements() const noexcept { return session_->statements(); }

private:
    /// A batch with what the ledger is to hold of it.
    struct written_page {
        item_span items;
        const ledger_page& page;
    };
    using way = void (table_writer::*)(session&, item_span);

    std::optional<refused_try> try_together(const written_page& work);
    void write_together(const written_page& work, way way_in);
    void put(item_span items, way way_in);
    refused_try explain(const error& what, item_span items) const;
    void write_apart(const written_page& work, refused_try why, std::vector<refusal>& refused);
    std::optional<refused_try> try_range(item_span items);
    void begin(const written_page& work);
    void commit();
    write_result report(const error& what, std::vector<refusal> refused) const;

    const std::string label_;
    const conflict_policy conflicts_;
    std::vector<table_writer> tables_;
    std::optional<ledger> ledger_;
    claims claims_;  ///< Of the open transaction, or of the last.
    std::atomic<bool> interrupted_{false};
    std::unique_ptr<session> session_;
};

}  // namespace penstock::detail::postgresql
