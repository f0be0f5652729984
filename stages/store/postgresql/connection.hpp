#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "../connection.hpp"
#include "claims.hpp"
#include "isolate.hpp"
#include "ledger.hpp"
#include "session.hpp"
#include "table_writer.hpp"
#include "watchdog.hpp"

namespace penstock::detail::postgresql {

/// Tables of a PostgreSQL server that rows are copied into. What was acknowledged as committed is as safe as the
/// server's `synchronous_commit` makes it.
///
/// A batch is first copied as it is, in one COPY a table and one transaction. If it meets a key that is there already,
/// and the options say what to do then, it is done again by way of a temporary table. If a row is refused, the
/// transaction is rolled back and done again, with savepoints around ever fewer items until the refused ones are known.
///
/// A link that was lost, or on which the server did not answer in time, is replaced by the next `write`, with the same
/// settings and after the same checks; only the table is not created a second time.
class connection final : public detail::connection {
public:
    /// Connects, creates and checks; the token ends it. Throws `preflight_failed`.
    connection(const database& to, const table_specs& tables, const store_options& options,
               const std::stop_token& ending, const ledger_terms& ledger = {});
    ~connection() override;

    write_result write(std::span<const encoded_rows* const> items) override { return write_once(items, {}); }
    write_result write_once(std::span<const encoded_rows* const> items, const ledger_page& page) override;
    std::unique_ptr<detail::connection> another() const override;
    bool pause(std::chrono::nanoseconds time) noexcept override { return watch_.pause(time); }
    void interrupt() noexcept override { watch_.interrupt(); }

    /// How many statements the server was given on this link.
    std::uint64_t statements() const noexcept { return session_ == nullptr ? 0 : session_->statements(); }

private:
    /// One that its first `write` opens.
    connection(const ledger_terms& ledger, const database& to, const table_specs& tables, const store_options& options);

    /// A batch with what the ledger is to hold of it.
    struct written_page {
        item_span items;
        const ledger_page& page;
    };
    using way = void (table_writer::*)(session&, item_span, const std::function<void()>& meanwhile);

    std::optional<refused_try> try_together(const written_page& work);
    void write_together(const written_page& work, way way_in);
    void put_all(way way_in);
    void put(item_span items, way way_in);
    refused_try explain(const error& what, item_span items) const;
    void write_apart(const written_page& work, refused_try why, std::vector<refusal>& refused);
    std::optional<refused_try> try_range(item_span items);
    void begin(const written_page& work);
    void commit();
    void connect_again();
    void end_transaction(bool link_too) noexcept;
    write_result report(const error& what, std::vector<refusal> refused) const;

    const database to_;
    const table_specs specs_;
    const store_options options_;
    const ledger_terms terms_;
    std::vector<table_writer> tables_;
    std::optional<ledger> ledger_;
    claims claims_;                     ///< Of the open transaction, or of the last.
    watchdog watch_;                    ///< Outlives the session, which it looks after.
    std::unique_ptr<session> session_;  ///< None while the link is lost.
};

}  // namespace penstock::detail::postgresql
