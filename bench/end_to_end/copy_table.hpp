#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

struct pg_conn;

namespace bench_job {

/// A connection that copies rows into the table `filings`. Ends the program if anything goes wrong. For the
/// hand-written contenders. One thread at a time.
class copy_table {
public:
    explicit copy_table(const std::string& database_url);

    /// Copies whole lines of COPY text, in one transaction.
    void copy(std::string_view lines);

private:
    struct closer {
        void operator()(pg_conn* connection) const;
    };
    std::unique_ptr<pg_conn, closer> connection_;
};

/// The same on a thread of its own, so that the database works while the caller does. Any thread may call it.
class copy_writer {
public:
    explicit copy_writer(const std::string& database_url);

    /// Queues lines for a transaction of their own; waits while too much is queued. Returns an empty text that has room
    /// already, to go on with.
    std::string write(std::string lines);

    /// Returns when all that was queued is committed. Nothing may be written after it.
    void finish();

private:
    void write_queued();

    /// One is being copied, one is ready, one to spare.
    static constexpr std::size_t most_queued = 3;

    copy_table table_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> queued_;
    std::vector<std::string> spare_;
    bool finished_ = false;
    std::jthread thread_;
};

}  // namespace bench_job
