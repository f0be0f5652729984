// The plain way to do many at once: a thread for each connection, each with a blocking handle, and one batch that they
// share.
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "blocking_fetch.hpp"
#include "copy_table.hpp"
#include "page_rows.hpp"
#include "workload.hpp"

namespace {

using namespace bench_job;

class shared_batch {
public:
    explicit shared_batch(copy_writer& to) : to_(to) {}

    void add(const std::string& lines, std::size_t rows) {
        const std::lock_guard lock(mutex_);
        lines_ += lines;
        rows_ += rows;
        if (rows_ >= rows_per_transaction) flush();
    }
    /// After all threads have ended.
    void flush() {
        if (rows_ != 0) lines_ = to_.write(std::move(lines_));
        rows_ = 0;
    }

private:
    copy_writer& to_;
    std::mutex mutex_;
    std::string lines_;
    std::size_t rows_ = 0;
};

void work(const job& told, std::atomic<std::int64_t>& next, shared_batch& to) {
    blocking_fetch fetch(told.base_url);
    page_rows reader;
    std::string lines;
    try {
        for (std::int64_t number = next++; number < told.pages; number = next++) {
            const std::string& page = fetch.page(number);
            lines.clear();
            const std::size_t rows = reader.append(page.data(), page.size(), page.capacity(), lines);
            to.add(lines, rows);
        }
    } catch (const simdjson::simdjson_error& error) {
        give_up(error.what());
    }
}

}  // namespace

int main() {
    const job told = job_from_environment();
    curl_global_init(CURL_GLOBAL_ALL);
    copy_writer to(told.database_url);
    shared_batch batch(to);
    std::atomic<std::int64_t> next = 0;
    {
        std::vector<std::jthread> pool;
        for (unsigned i = 0; i < told.connections; ++i) pool.emplace_back([&] { work(told, next, batch); });
    }
    batch.flush();
    to.finish();
}
