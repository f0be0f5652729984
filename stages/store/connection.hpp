#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "ledger_page.hpp"
#include "ledger_terms.hpp"
#include "penstock/stages/store/database.hpp"
#include "penstock/stages/store/encoded_rows.hpp"
#include "penstock/stages/store/store_options.hpp"
#include "penstock/stages/store/table_spec.hpp"

namespace penstock::detail {

/// How one try to write a batch ended. Only `committed` left anything in the database for certain.
enum class write_end : unsigned char {
    committed,    ///< The items are in the database, all but the refused ones.
    try_again,    ///< Nobody's fault and perhaps over soon: a lock, a link that was lost before COMMIT.
    gone,         ///< The database cannot be written any more.
    interrupted,  ///< `interrupt` was called.
    in_doubt,     ///< The link was lost at COMMIT: the items are in the database, or none of them is.
};

/// One item that the database would not take.
struct refusal {
    std::size_t item;    ///< Its place in the batch, from 0.
    std::string reason;  ///< One line: what the database said, and about which row.
};

struct write_result {
    write_end how = write_end::committed;
    std::string reason{};                ///< Why it did not go well; begins with a name such as database_full.
    std::vector<refusal> refused{};      ///< In the order of the items; only with `committed` and `in_doubt`.
    unsigned most_tries = 3;             ///< How often this may be tried at most; only with `try_again`.
    bool elsewhere = false;              ///< With `try_again`: a connection whose link is well might do it at once.
    std::vector<std::size_t> skipped{};  ///< What the ledger had settled before, in order; only with `committed`.
};

/// A writer's way to its tables, open and checked when it is made. A link that is lost is made anew, and the tables are
/// checked again, by the next `write`. Belongs to one thread at a time, all but `interrupt`.
class connection {
public:
    virtual ~connection() = default;

    /// Writes all rows of the items in one transaction. An item that the database refuses is left out with all its
    /// rows in all tables, and no other item is. The items, and what they point to, stay as they are until it returns.
    /// May throw `std::bad_alloc`; nothing is committed then.
    virtual write_result write(std::span<const encoded_rows* const> items) = 0;

    /// The same with a ledger, which settles the items of the page and its notes in the transaction of the rows. Its
    /// keys come before any row: an item whose key is settled already is left out and named, unless it was an earlier
    /// try with this page that has settled it; and who settles the same key at the same time waits for the end of this
    /// transaction, or this one for the end of theirs. Refused items are not settled. Only if the ledger was wanted.
    virtual write_result write_once(std::span<const encoded_rows* const> items, const ledger_page& page) {
        (void)page;
        return write(items);
    }

    /// Work for the time in which the writer would only wait, for the answer to a batch that is on its way or for a new
    /// link. `write` may do it there, on its thread and more than once. It must not throw or wait.
    void fill_waits_with(std::function<void()> work) { in_waits_ = std::move(work); }

    /// One more connection to the same tables, which its first `write` opens; null where the database takes only one.
    /// Throws `preflight_failed` if the system has no more to give.
    virtual std::unique_ptr<connection> another() const { return nullptr; }

    /// Waits between two tries; false as soon as it is interrupted.
    virtual bool pause(std::chrono::nanoseconds time) noexcept = 0;

    /// Makes `write` and `pause` come back soon, now and for ever after. May be called from any thread.
    virtual void interrupt() noexcept = 0;

protected:
    const std::function<void()>& in_waits() const noexcept { return in_waits_; }

private:
    std::function<void()> in_waits_ = [] {};
};

/// Opens the database, creates the tables if that is wanted, checks that every row can be stored as it is, and makes
/// ready to write. Throws `preflight_failed` or `bad_option`. The token ends all waiting, for a lock and for a server.
std::unique_ptr<connection> connect(const database& to, const table_specs& tables, const store_options& options,
                                    const std::stop_token& ending = {}, const ledger_terms& ledger = {});

}  // namespace penstock::detail
