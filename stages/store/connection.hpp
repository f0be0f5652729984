#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

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
    std::string
        reason{};  ///< Why it is `try_again`, `gone` or `in_doubt`, beginning with a name such as database_full.
    std::vector<refusal> refused{};  ///< In the order of the items; only with `committed` and `in_doubt`.
    unsigned most_tries = 3;         ///< How often this may be tried at most; only with `try_again`.
    bool elsewhere = false;          ///< With `try_again`: a connection whose link is well might do it at once.
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

    /// One more connection to the same tables, which its first `write` opens; null where the database takes only one.
    /// Throws `preflight_failed` if the system has no more to give.
    virtual std::unique_ptr<connection> another() const { return nullptr; }

    /// Waits between two tries; false as soon as it is interrupted.
    virtual bool pause(std::chrono::nanoseconds time) noexcept = 0;

    /// Makes `write` and `pause` come back soon, now and for ever after. May be called from any thread.
    virtual void interrupt() noexcept = 0;
};

/// Opens the database, creates the tables if that is wanted, checks that every row can be stored as it is, and makes
/// ready to write. Throws `preflight_failed` or `bad_option`. The token ends all waiting, for a lock and for a server.
std::unique_ptr<connection> connect(const database& to, const table_specs& tables, const store_options& options,
                                    const std::stop_token& ending = {});

}  // namespace penstock::detail
