#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// The job that every contender of this folder does, and the data that it does it with.
namespace bench_job {

/// A row of the table `filings`.
struct filing {
    std::int64_t company_id = 0;
    std::int64_t filing_id = 0;
    std::string filed;  ///< A date, as in 2024-02-29.
    std::string type;
    double amount = 0;
    std::string note;
};

inline constexpr std::size_t filings_per_page = 10;

/// The filings of one company, always the same for the same number. Every value differs from page to page; filing_id
/// is found on no other page.
std::vector<filing> filings_of(std::int64_t company_id);

/// The company's page: a JSON object with its filings in the array "filings", 1.9 KB on average. Pages with even
/// numbers write what is not ASCII as \u escapes.
std::string page_of(std::int64_t company_id);

/// The same filings in PostgreSQL's COPY text form, a line each: the reference that a table is checked against. Made
/// from the rows and not from the page, by other code than the contenders'.
std::string reference_rows_of(std::int64_t company_id);

/// What a contender is told, by the environment.
struct job {
    std::string base_url;      ///< BASE_URL, to which `/item/7.json` is added; begins with http://.
    std::string database_url;  ///< DATABASE_URL, as in postgresql://user@/name?host=/folder&port=5432.
    std::int64_t pages = 0;    ///< PAGES: the pages 0 to PAGES - 1 are to be loaded.
    unsigned connections = 0;  ///< CONNECTIONS: requests at once at most.
};

/// Reads the environment; ends the program with a message if anything is missing.
job job_from_environment();

/// The path of a page on the server.
std::string path_of(std::int64_t page);

/// Rows in a transaction, for contenders that write their own.
inline constexpr std::size_t rows_per_transaction = 5000;

/// Ends the program: a contender that lost a page has no figures.
[[noreturn]] void give_up(const std::string& why);

}  // namespace bench_job
