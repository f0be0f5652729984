// Writes what the servers and the check need.
//
//   make_pages FOLDER PAGES
//
// FOLDER/item/<number>.json   the pages, for a server of files
// FOLDER/rows.copy            the reference rows, in COPY text form
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "workload.hpp"

int main(int count, char** words) {
    using namespace bench_job;
    const std::int64_t pages = count == 3 ? std::atoll(words[2]) : 0;
    if (pages < 1) give_up("usage: make_pages FOLDER PAGES");
    const std::filesystem::path folder = words[1];
    std::filesystem::create_directories(folder / "item");
    std::ofstream rows(folder / "rows.copy", std::ios::binary);
    std::size_t bytes = 0;
    for (std::int64_t page = 0; page < pages; ++page) {
        const std::string body = page_of(page);
        bytes += body.size();
        std::ofstream file(folder.string() + path_of(page), std::ios::binary);
        file << body;
        if (!file.flush()) give_up("cannot write the page " + std::to_string(page));
        rows << reference_rows_of(page);
    }
    if (!rows.flush()) give_up("cannot write rows.copy");
    std::printf("%lld pages, %zu bytes on average\n", static_cast<long long>(pages),
                bytes / static_cast<std::size_t>(pages));
}
