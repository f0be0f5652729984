#include "shared_file.hpp"

namespace penstock::testing {

shared_file::shared_file() : program_(std::in_place, folder_ / "rows.db") {
    program_->run("PRAGMA journal_mode = WAL");
    program_->run(
        "CREATE TABLE rows (item INTEGER NOT NULL, number INTEGER NOT NULL, good INTEGER NOT NULL CHECK (good = 1), "
        "PRIMARY KEY (item, number))");
}
void shared_file::clear() { program_->run("DELETE FROM rows"); }
std::string shared_file::url() const { return "sqlite:" + (folder_ / "rows.db").string(); }
std::vector<std::string> shared_file::rows() const {
    return program_->ask("SELECT item, count(*) FROM rows GROUP BY item ORDER BY item");
}

}  // namespace penstock::testing
