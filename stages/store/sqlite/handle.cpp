#include "handle.hpp"

#include <sqlite3.h>

#include <system_error>

namespace penstock::detail::sqlite {

void closer::operator()(sqlite3* of) const noexcept { sqlite3_close(of); }
void closer::operator()(sqlite3_stmt* of) const noexcept { sqlite3_finalize(of); }

handle::handle(const std::string& path, bool create) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
    open_.reset(opened);  // It is there even if opening failed, to say why.
    if (opened == nullptr) throw error{SQLITE_NOMEM, "out of memory"};
    sqlite3_extended_result_codes(opened, 1);
    check(code);
}

void handle::run(const std::string& sql) const {
    check(sqlite3_exec(open_.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

statement handle::prepare(std::string_view sql) const {
    sqlite3_stmt* prepared = nullptr;
    check(sqlite3_prepare_v3(open_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                             &prepared, nullptr));
    return statement(prepared);
}

bool handle::step(const statement& of) const {
    const int code = sqlite3_step(of.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE) check(code);
    return code == SQLITE_ROW;
}

error handle::last_error() const {
    error last{sqlite3_extended_errcode(open_.get()), sqlite3_errmsg(open_.get())};
    const int system = sqlite3_system_errno(open_.get());
    if (system != 0 && (last.primary() == SQLITE_IOERR || last.primary() == SQLITE_CANTOPEN))
        last.message += " (" + std::system_category().message(system) + ")";
    return last;
}

void handle::check(int code) const {
    if (code != SQLITE_OK) throw last_error();
}

bool handle::in_transaction() const noexcept { return sqlite3_get_autocommit(open_.get()) == 0; }

void handle::roll_back() const noexcept {
    if (in_transaction()) sqlite3_exec(open_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

bool handle::read_only() const noexcept { return sqlite3_db_readonly(open_.get(), "main") == 1; }

bool handle::moved() const noexcept {
    int moved = 0;
    return sqlite3_file_control(open_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

bool handle::foreign_keys_pending() const noexcept {
    int pending = 0;
    int peak = 0;
    sqlite3_db_status(open_.get(), SQLITE_DBSTATUS_DEFERRED_FKS, &pending, &peak, 0);
    return pending != 0;
}

void handle::interrupt() const noexcept { sqlite3_interrupt(open_.get()); }

}  // namespace penstock::detail::sqlite
