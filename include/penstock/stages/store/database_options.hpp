#pragma once

#include <chrono>
#include <cstddef>

namespace penstock {

/// How a store deals with the server that it writes to: `database("postgresql://…", {.retry_for = 30s})`. Of these
/// only `retry_for` means anything for SQLite, whose wait for a lock is `store_options::busy_timeout`, and more than
/// one connection is refused. Times are from 1 ms to 24 h.
struct database_options {
    /// How many connections, each with a thread of its own, write batches at the same time; 1 to 64. Batches are then
    /// committed in any order, so a store whose rows replace or ignore each other (`store_options::conflicts`) uses one
    /// all the same. Where the server has fewer to give, fewer are used.
    std::size_t connections = 1;

    /// How long one try to connect may take, with TLS and password. `connect_timeout` in the address is used in its
    /// place. Looking a name up has the bounds of the system's resolver. Before a run, a server that is just starting,
    /// or has no connection to spare, is asked again for this long.
    std::chrono::milliseconds connect_timeout{10'000};

    /// How long the server may be silent when it is to answer: to a statement, to a part of a COPY, to COMMIT. Then
    /// the link is cut and the batch is written again on a new one; but at COMMIT its items are in doubt, unless there
    /// is a ledger, by which the next try finds out. Longer than the longest statement, triggers and constraints
    /// included.
    std::chrono::milliseconds answer_timeout{60'000};

    /// How long a batch that met nobody's fault is tried again, with growing pauses of up to 2 s: a lost link, a server
    /// that restarts, a lock, a deadlock. Then the run fails. A full disk, no memory and I/O errors of the server fail
    /// it after three tries; a refused user, a dropped table and a server that can only be read at once. With SQLite a
    /// file that stays locked fails it after three tries at the latest; a full disk, no memory, I/O errors and the like
    /// at once.
    std::chrono::milliseconds retry_for{300'000};

    /// How long the server lets a statement wait for a lock before the batch is rolled back and tried again. 0 leaves
    /// what address, role and server say; where they say nothing it is 10 s, or half of `answer_timeout` if that is
    /// less.
    std::chrono::milliseconds lock_timeout{0};

    /// How long the server lets a statement take. 0 leaves what address, role and server say.
    std::chrono::milliseconds statement_timeout{0};
};

namespace detail {
/// Throws `bad_option` if a value could never work.
void check(const database_options& options);
}  // namespace detail

}  // namespace penstock
