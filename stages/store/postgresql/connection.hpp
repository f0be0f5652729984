#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "../connection.hpp"
#include "bisect.hpp"
#include "session.hpp"

namespace penstock::detail::postgresql {

/// A table of a PostgreSQL server that rows are copied into. What was acknowledged as committed is as safe as the
/// server's `synchronous_commit` makes it.
///
/// A batch is first copied as it is, in one COPY and one transaction. Only if a row is refused is the transaction
/// rolled back and done again, halving the batch with savepoints until the refused items are known.
class connection final : public detail::connection {
public:
    /// Connects, creates and checks. Throws `preflight_failed`.
    connection(const database& to, const table_spec& table, const store_options& options);
    ~connection() override;

    write_result write(std::span<const encoded_rows* const> items) override;
    void interrupt() noexcept override;

private:
    using item_span = std::span<const encoded_rows* const>;

    void write_together(item_span items);
    void write_apart(item_span items, std::vector<refusal>& refused);
    std::optional<std::string> try_range(item_span items);
    void copy(item_span items);
    void begin();
    void commit();
    write_result report(const error& what, std::vector<refusal> refused) const;

    const std::string label_;
    const std::string table_name_;  ///< As the program wrote it.
    const std::string bare_table_;  ///< Without its schema, as the server's messages have it.
    const std::string copy_sql_;
    std::string block_;  ///< Rows on their way to the server; used again and again.
    std::atomic<bool> interrupted_{false};
    std::unique_ptr<session> session_;
};

}  // namespace penstock::detail::postgresql
