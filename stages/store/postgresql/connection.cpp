#include "connection.hpp"

#include <utility>

#include "open.hpp"
#include "penstock/stages/store/row_encoder.hpp"
#include "sql.hpp"

namespace penstock::detail::postgresql {

connection::connection(const database& to, const table_spec& table, const store_options& options)
    : label_(to.label()),
      table_name_(table.name),
      bare_table_(table.table()),
      copy_sql_(copy_sql(table)),
      session_(open(to, table, options)) {}

connection::~connection() = default;

void connection::interrupt() noexcept {
    interrupted_.store(true, std::memory_order_relaxed);
    session_->interrupt();
}

write_result connection::write(std::span<const encoded_rows* const> items) {
    write_result result;
    try {
        try {
            write_together(items);
        } catch (const error& refused) {
            if (who_is_to_blame(refused) != blame::row) throw;
            session_->roll_back();
            write_apart(items, result.refused);
        }
    } catch (const error& what) {
        result = report(what, std::move(result.refused));
    } catch (...) {
        session_->roll_back();
        throw;
    }
    session_->roll_back();
    return result;
}

void connection::write_together(item_span items) {
    begin();
    copy(items);
    commit();
}

void connection::write_apart(item_span items, std::vector<refusal>& refused) {
    begin();
    // A deferred constraint would only speak up at COMMIT, where nobody can tell whose it is.
    session_->run("SET CONSTRAINTS ALL IMMEDIATE");
    refused = bisect(items.size(),
                     [&](item_range range) { return try_range(items.subspan(range.first, range.last - range.first)); });
    commit();
}

/// Copies items inside a savepoint. If that is refused, says why and goes back to the savepoint.
std::optional<std::string> connection::try_range(item_span items) {
    session_->run("SAVEPOINT items");
    try {
        copy(items);
        session_->run("RELEASE SAVEPOINT items");
        return {};
    } catch (const error& refused) {
        if (who_is_to_blame(refused) != blame::row) throw;
        session_->run("ROLLBACK TO SAVEPOINT items; RELEASE SAVEPOINT items");
        std::string why = "table " + table_name_ + ": " + describe(refused);
        if (refused.line && *refused.line <= items.front()->rows)
            why += " " + point_at_row(*refused.line - 1);
        else if (items.size() == 1 && items.front()->rows == 1)
            why += " " + point_at_row(0);
        return why;
    }
}

void connection::copy(item_span items) {
    // Large enough that a call costs nothing beside its bytes, small enough to stay in the processor's cache.
    constexpr std::size_t block = std::size_t{64} << 10;
    session_->begin_copy(copy_sql_);
    block_.clear();
    for (const encoded_rows* item : items) {
        if (block_.size() + item->bytes.size() > block) {
            session_->send(block_);
            block_.clear();
        }
        if (item->bytes.size() > block)
            session_->send(item->bytes);
        else
            block_ += item->bytes;
    }
    session_->send(block_);
    session_->end_copy(bare_table_);
}

void connection::begin() {
    if (interrupted_.load(std::memory_order_relaxed)) throw error{.message = "interrupted"};
    session_->begin();
}

void connection::commit() {
    // As late as can be: what is interrupted before its COMMIT is not in doubt.
    if (interrupted_.load(std::memory_order_relaxed)) throw error{.message = "interrupted"};
    session_->commit();
}

write_result connection::report(const error& what, std::vector<refusal> refused) const {
    const std::string reason = reason_name(what) + ": " + label_ + ": " + describe(what);
    if (what.in_doubt) return {write_end::in_doubt, reason, std::move(refused)};
    if (interrupted_.load(std::memory_order_relaxed)) return {write_end::interrupted, {}, {}};
    const write_end how = who_is_to_blame(what) == blame::moment ? write_end::try_again : write_end::gone;
    return {how, reason, {}};
}

}  // namespace penstock::detail::postgresql
