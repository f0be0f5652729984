#include "connection.hpp"

#include <utility>

#include "open.hpp"

namespace penstock::detail::postgresql {

connection::connection(const database& to, const table_spec& table, const store_options& options)
    : label_(to.label()), table_(table), session_(open(to, table, options)) {}

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
            write_apart(items, table_.explain(refused, items), result.refused);
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
    table_.copy(*session_, items);
    commit();
}

void connection::write_apart(item_span items, refused_try why, std::vector<refusal>& refused) {
    begin();
    // A deferred constraint would only speak up at COMMIT, where nobody can tell whose it is.
    session_->run("SET CONSTRAINTS ALL IMMEDIATE");
    refused = isolate(items.size(), std::move(why),
                      [&](item_range range) { return try_range(items.subspan(range.first, range.size())); });
    commit();
}

/// Copies items inside a savepoint. If that is refused, says why and goes back to the savepoint.
std::optional<refused_try> connection::try_range(item_span items) {
    session_->run("SAVEPOINT items");
    try {
        table_.copy(*session_, items);
        session_->run("RELEASE SAVEPOINT items");
        return {};
    } catch (const error& refused) {
        if (who_is_to_blame(refused) != blame::row) throw;
        session_->run("ROLLBACK TO SAVEPOINT items; RELEASE SAVEPOINT items");
        return table_.explain(refused, items);
    }
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
