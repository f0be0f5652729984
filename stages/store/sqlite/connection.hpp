#pragma once

#include <optional>

#include "../connection.hpp"
#include "busy_wait.hpp"
#include "ledger.hpp"
#include "open.hpp"
#include "wire.hpp"

namespace penstock::detail::sqlite {

/// A SQLite file that rows are inserted into: journal in WAL mode, so that others may read meanwhile, and
/// synchronous=FULL, so that what was acknowledged as committed outlives a power cut. Foreign keys are enforced.
///
/// A batch is first inserted as it is. Only if a row is refused is it rolled back and done again with a savepoint
/// around each item.
class connection final : public detail::connection {
public:
    /// Opens, creates and checks; waits for a lock until the token is stopped. Throws `preflight_failed`.
    connection(const database& to, const table_specs& tables, const store_options& options,
               const std::stop_token& ending, const ledger_terms& ledger = {});
    ~connection() override;

    write_result write(std::span<const encoded_rows* const> items) override { return write_once(items, {}); }
    write_result write_once(std::span<const encoded_rows* const> items, const ledger_page& page) override;
    bool pause(std::chrono::nanoseconds time) noexcept override { return busy_.pause(time); }
    void interrupt() noexcept override;

private:
    using item_span = std::span<const encoded_rows* const>;

    void write_together(item_span items, const ledger_page& page);
    std::vector<refusal> write_apart(item_span items, const ledger_page& page);
    bool try_apart(item_span items, const ledger_page& page, std::vector<refusal>& known,
                   std::vector<refusal>& refused);
    void refuse(refusal found, const ledger_page& page, std::vector<refusal>& refused);
    void begin(const ledger_page& page);
    void commit(const ledger_page& page);
    bool is_skipped(std::size_t place) const noexcept;
    /// Where in an item the work is.
    struct row_place {
        std::size_t table = 0;
        std::size_t row = 0;
    };
    void insert(const encoded_rows& item, row_place& at);
    void insert(sqlite3_stmt* into, int columns, cell_reader& cells);
    bool blames_row(const error& what) const;
    write_result describe(const error& what) const;

    const std::string label_;
    const table_specs tables_;
    const conflict_policy conflicts_;
    busy_wait busy_;  ///< Outlives the file, which calls it.
    open_tables open_;
    std::optional<ledger> ledger_;
    std::vector<std::size_t> skipped_;  ///< What the ledger had settled when the transaction began, in order.
};

}  // namespace penstock::detail::sqlite
