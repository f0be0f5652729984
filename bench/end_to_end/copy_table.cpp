#include "copy_table.hpp"

#include <libpq-fe.h>

#include <utility>

#include "workload.hpp"

namespace bench_job {

void copy_table::closer::operator()(pg_conn* connection) const { PQfinish(connection); }

copy_table::copy_table(const std::string& database_url) : connection_(PQconnectdb(database_url.c_str())) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) give_up(PQerrorMessage(connection_.get()));
}

void copy_table::copy(std::string_view lines) {
    pg_conn* const to = connection_.get();
    const auto require = [to](bool good) {
        if (!good) give_up(PQerrorMessage(to));
    };
    PGresult* const begun = PQexec(to, "COPY filings FROM STDIN");
    require(PQresultStatus(begun) == PGRES_COPY_IN);
    PQclear(begun);
    require(PQputCopyData(to, lines.data(), static_cast<int>(lines.size())) == 1);
    require(PQputCopyEnd(to, nullptr) == 1);
    while (PGresult* const result = PQgetResult(to)) {
        require(PQresultStatus(result) == PGRES_COMMAND_OK);
        PQclear(result);
    }
}

copy_writer::copy_writer(const std::string& database_url) : table_(database_url), thread_([this] { write_queued(); }) {}

std::string copy_writer::write(std::string lines) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queued_.size() < most_queued; });
    queued_.push_back(std::move(lines));
    changed_.notify_all();
    if (spare_.empty()) return {};
    std::string empty = std::move(spare_.back());
    spare_.pop_back();
    return empty;
}

void copy_writer::finish() {
    {
        const std::lock_guard lock(mutex_);
        finished_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void copy_writer::write_queued() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return finished_ || !queued_.empty(); });
        if (queued_.empty()) return;
        std::string lines = std::move(queued_.front());
        queued_.pop_front();
        lock.unlock();
        changed_.notify_all();
        table_.copy(lines);
        lines.clear();
        lock.lock();
        spare_.push_back(std::move(lines));
    }
}

}  // namespace bench_job
