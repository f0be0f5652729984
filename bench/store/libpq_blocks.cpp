// store_libpq_blocks URL FOLDER: the files of a folder by libpq alone, in blocks of 64 KiB; prints the seconds.
#include <libpq-fe.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>
#include <stdexcept>

#include "workload.hpp"

namespace {

void run(PGconn* on, const char* sql, ExecStatusType expected) {
    PGresult* said = PQexec(on, sql);
    const bool right = PQresultStatus(said) == expected;
    PQclear(said);
    if (!right) throw std::runtime_error(PQerrorMessage(on));
}

void copy(PGconn* on, const std::string& text) {
    constexpr std::size_t block = std::size_t{64} << 10;
    run(on, "BEGIN", PGRES_COMMAND_OK);
    run(on, "COPY filings FROM STDIN", PGRES_COPY_IN);
    for (std::size_t at = 0; at < text.size(); at += block)
        PQputCopyData(on, text.data() + at, static_cast<int>(std::min(block, text.size() - at)));
    PQputCopyEnd(on, nullptr);
    while (PGresult* said = PQgetResult(on)) {
        const bool right = PQresultStatus(said) == PGRES_COMMAND_OK;
        PQclear(said);
        if (!right) throw std::runtime_error(PQerrorMessage(on));
    }
    run(on, "COMMIT", PGRES_COMMAND_OK);
}

}  // namespace

int main(int count, char** words) try {
    if (count != 3) return 2;
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(words[2])) files.insert(entry.path());
    std::vector<std::string> batches;
    for (const auto& file : files) {
        std::ifstream from(file, std::ios::binary);
        batches.emplace_back(std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>());
    }
    const auto began = std::chrono::steady_clock::now();
    const std::unique_ptr<PGconn, decltype(&PQfinish)> on(PQconnectdb(words[1]), PQfinish);
    for (const std::string& batch : batches) copy(on.get(), batch);
    std::cout << std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count() << '\n';
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
