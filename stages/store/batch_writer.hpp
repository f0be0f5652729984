#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "batcher.hpp"
#include "connection.hpp"
#include "penstock/detail/run_services.hpp"

namespace penstock::detail {

/// Brings one batch after the other to its end: written, settled and counted. Lives for one run, on the writer's
/// thread; only `abandon` may be called from another.
class batch_writer {
public:
    batch_writer(std::unique_ptr<connection> to, run_services& run) : to_(std::move(to)), run_(run) {}

    /// Settles every item of the batch: as committed, as dead if the database refused it, as in doubt if the link was
    /// lost at COMMIT, as abandoned if the run was cut short or the database is gone. False once nothing will be
    /// written any more.
    bool write(batch work) noexcept;

    /// Ends the wait for the database; what is not committed by then is abandoned.
    void abandon() noexcept;

private:
    /// How often a batch is tried before the run fails.
    static constexpr unsigned max_tries = 3;

    write_result try_to_write(const batch& work) noexcept;
    void settle(batch work, std::vector<refusal> refused) noexcept;
    void settle_in_doubt(batch work, write_result result) noexcept;

    std::unique_ptr<connection> to_;
    run_services& run_;
    std::vector<const encoded_rows*> rows_;  ///< The batch in work, as the connection wants it.
    bool failed_ = false;
    std::atomic<bool> abandoned_{false};
};

}  // namespace penstock::detail
