#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>

#include "penstock/abort_thresholds.hpp"
#include "penstock/dead_letter.hpp"
#include "penstock/metrics.hpp"

namespace penstock {

/// How one run of a pipeline goes. Every field has a default that works; a value that would hang or mean nothing is
/// refused by `run` with `bad_option`. Times are from 1 ms to 365 days.
struct run_options {
    /// The most TBB workers that parse and the other stages may use, 1 or more. Clamped to what TBB can run on this
    /// machine; the report says the number. Source, fetch and store have threads of their own.
    unsigned max_workers = 5;

    /// The most items in flight, from admission to settlement, 1 to 10,000,000.
    std::size_t queue_size = 1000;

    /// The most bytes of bodies in flight, 1 or more, in a chain that fetches: from a body's first byte until a stage
    /// has made something else of the page or the item is settled. Beyond it no transfer is begun and those under way
    /// are held up, all but the oldest, so that they never wait for each other; a transfer's `timeout` does not run
    /// while it is held up. So the bodies hold at the most this and one `max_body`; libcurl has up to 16 KiB more, as
    /// sent, of each that is held up.
    std::size_t max_bytes_in_flight = std::size_t{256} << 20;

    /// The most time from an item's admission to the last byte of its page, over waiting, all attempts and redirects.
    /// Only fetch is held to it; waiting for a stage or the database is not blamed on the item, nor is waiting for room
    /// in `max_bytes_in_flight` that pages take up.
    std::chrono::milliseconds item_timeout = std::chrono::seconds(300);

    /// After a stop: how long what is in flight may take to settle before it is abandoned.
    std::chrono::milliseconds drain_timeout = std::chrono::seconds(30);

    /// Ends admission and waiting; what is in flight settles within `drain_timeout`.
    std::stop_token stop = {};

    /// Abandons everything at once: what is in flight is counted as abandoned.
    std::stop_token abandon = {};

    /// Ends the run when too much fails. Nothing is set unless asked for; `usual_thresholds()` are good ones.
    abort_thresholds abort_when = {};

    /// Filled while the run goes on, if given. Must outlive the run.
    penstock::metrics* metrics = nullptr;

    /// Where dead letters go.
    dead_letter_sink dead_letters = {};

    /// The name of the ledger to keep, beside the rows in the database of the chain's `store`; empty: none. A run with
    /// the ledger of an earlier one takes on where that one ended, however it ended: an item that is settled there is
    /// `skipped`, unfetched, and no item's rows are ever stored twice, nor when several processes share the ledger. One
    /// name stands for one job: other tables or columns under it are refused with `preflight_failed`. What it needs of
    /// the source's values is told at `keyed_as`; what it promises, in stages/store/README.md.
    std::string ledger = {};

    /// Whether an item that is dead in the ledger is taken up again. If not, it is skipped like the others.
    bool retry_dead = false;

    /// Called on the thread that called `run`, every `progress_every` and not after the end. An exception from it is
    /// logged once and ends the progress, not the run. It must be quick: as long as it takes, `run` does not return,
    /// fetch and store hear of no stop or abandon, `drain_timeout` does not run out, and an item that holds up the only
    /// worker is not worked around. What may block, such as a socket, belongs on a thread of the host's own that reads
    /// `metrics`.
    std::function<void(const metrics_snapshot&)> progress = {};
    std::chrono::milliseconds progress_every = std::chrono::seconds(1);
};

}  // namespace penstock
