// The baseline: one thread, one handle, one page at a time.
#include "blocking_fetch.hpp"
#include "copy_table.hpp"
#include "page_rows.hpp"
#include "workload.hpp"

int main() {
    using namespace bench_job;
    const job told = job_from_environment();
    curl_global_init(CURL_GLOBAL_ALL);
    copy_table table(told.database_url);
    blocking_fetch fetch(told.base_url);
    page_rows reader;
    std::string lines;
    std::size_t rows = 0;
    try {
        for (std::int64_t number = 0; number < told.pages; ++number) {
            const std::string& page = fetch.page(number);
            rows += reader.append(page.data(), page.size(), page.capacity(), lines);
            if (rows >= rows_per_transaction) {
                table.copy(lines);
                lines.clear();
                rows = 0;
            }
        }
    } catch (const simdjson::simdjson_error& error) {
        give_up(error.what());
    }
    table.copy(lines);
}
