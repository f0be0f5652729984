#include "session.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <pqxx/connection>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/version>
#include <utility>

#include "connect.hpp"
#include "penstock/detail/affordable_text.hpp"

// libpqxx 6.4 and 7.8 or later. Both can be given a connection that libpq has opened: 7 has `seize_raw_connection` for
// it, 6 a connection policy. So the parameters are ours to choose, and the libpq handle is known without a search.

namespace penstock::detail::postgresql {
namespace {
#if PQXX_VERSION_MAJOR < 7

/// Hands a connection over that is open already. libpqxx 6 would open a lost one again behind our back, without its
/// settings; here it is told that there is none.
class opened_before final : public pqxx::connectionpolicy {
public:
    explicit opened_before(PGconn* opened) : connectionpolicy(std::string()), opened_(opened) {}

    handle do_startconnect(handle now) override {
        if (now == nullptr) now = std::exchange(opened_, nullptr);
        if (now == nullptr || PQstatus(now) != CONNECTION_OK) throw pqxx::broken_connection("the connection was lost");
        return now;
    }
    handle do_completeconnect(handle now) override { return now; }
    bool is_ready(handle) const noexcept override { return true; }

private:
    PGconn* opened_;
};

class owned_connection final : public pqxx::connection_base {
public:
    explicit owned_connection(PGconn* opened) : connection_base(policy_), policy_(opened) {
        try {
            init();
        } catch (...) {
            close();
            throw;
        }
    }
    ~owned_connection() { close(); }

private:
    opened_before policy_;
};

#else

class owned_connection final : public pqxx::connection {
public:
    explicit owned_connection(PGconn* opened) : connection(seize_raw_connection(opened)) {}
};

#endif

using libpq_result = std::unique_ptr<PGresult, decltype(&PQclear)>;

std::string sqlstate_of(const std::exception& failed) {
    if (const auto* refused = dynamic_cast<const pqxx::sql_error*>(&failed)) return refused->sqlstate();
    // libpqxx 6 gives these no SQLSTATE, only a type.
    if (dynamic_cast<const pqxx::serialization_failure*>(&failed) != nullptr) return "40001";
    if (dynamic_cast<const pqxx::deadlock_detected*>(&failed) != nullptr) return "40P01";
    if (dynamic_cast<const pqxx::transaction_rollback*>(&failed) != nullptr) return "40000";
    if (dynamic_cast<const pqxx::too_many_connections*>(&failed) != nullptr) return "53300";
    return {};
}

}  // namespace

struct session::link {
    link(PGconn* opened, const watchdog& by) : libpq(opened), owner(opened), statements(owner), watch(by) {}

    /// A link to the server, with the watchdog on it.
    static std::unique_ptr<link> open(const std::string& address, const database_options& options, watchdog& by) {
        PGconn* const opened = connect(address, options, by);
        try {
            return std::make_unique<link>(opened, by);
        } catch (const std::bad_alloc&) {
            throw;
        } catch (const std::exception& failed) {  // It was lost as soon as it was there.
            throw connect_error(failed.what());
        }
    }

    /// The statement, and in front of it what is still owed: one way to the server for both.
    std::string with_debts(const std::string& sql) { return std::exchange(owed, std::string()) + sql; }
    bool owes_more_than_begin() const noexcept { return owed.size() > begin_sql.size(); }

    [[noreturn]] void fail(const std::exception& failed) const {
        throw error{.state = sqlstate_of(failed), .message = say(failed.what()), .link_lost = !owner.is_open()};
    }

    [[noreturn]] void fail_in_libpq() const {
        throw error{.message = say(PQerrorMessage(libpq)), .link_lost = !owner.is_open()};
    }

    /// What libpq says of a link that the watchdog has cut would be misleading.
    std::string say(const char* message) const {
        if (!watch.was_late()) return message_of(message);
        return "the server was silent for " + std::to_string(watch.answer_timeout().count()) + " ms";
    }

    /// Throws all that the server said about an error.
    [[noreturn]] void fail_with(const PGresult& refused) const {
        const auto field = [&](int code) {
            const char* text = PQresultErrorField(&refused, code);
            return std::string(text == nullptr ? "" : text);
        };
        std::string message = field(PG_DIAG_MESSAGE_PRIMARY);
        std::string detail = field(PG_DIAG_MESSAGE_DETAIL);
        if (detail.ends_with('.')) detail.pop_back();
        throw error{.state = field(PG_DIAG_SQLSTATE),
                    .message = message.empty() ? say(PQresultErrorMessage(&refused)) : one_line(message),
                    .detail = one_line(detail),
                    .context = field(PG_DIAG_CONTEXT),
                    .column = field(PG_DIAG_COLUMN_NAME),
                    .link_lost = !owner.is_open()};
    }

    /// Takes what the server says at the end of a statement; the first error of it, or nothing.
    libpq_result drain() const {
        libpq_result refused(nullptr, PQclear);
        while (PGresult* said = PQgetResult(libpq)) {
            libpq_result one(said, PQclear);
            const ExecStatusType status = PQresultStatus(said);
            if (status == PGRES_COPY_IN) break;  // Only if the end could not even be sent.
            if (status == PGRES_FATAL_ERROR && refused == nullptr) refused = std::move(one);
        }
        return refused;
    }

    PGconn* const libpq;  ///< Only to be used while the owner's link is open: libpqxx 6 lets go of it otherwise.
    owned_connection owner;
    /// libpqxx sends a BEGIN by itself and waits for the answer, which costs a batch a round trip. So transactions are
    /// ours, and this is what statements go through.
    pqxx::nontransaction statements;
    static constexpr std::string_view begin_sql = "BEGIN; ";
    std::string owed;
    bool copying = false;
    const watchdog& watch;
};

session::session(const std::string& address, const database_options& options, watchdog& watch)
    : watch_(watch), link_(link::open(address, options, watch)) {
    const auto set = [](const std::string& name, std::chrono::milliseconds time) {
        return time.count() == 0 ? "" : "SET " + name + " = " + std::to_string(time.count()) + "; ";
    };
    // A lock that somebody holds is told from a server that is silent by the server's own word.
    const auto patience = std::min(std::chrono::milliseconds(10'000), options.answer_timeout / 2);
    run("SET client_encoding = 'UTF8'; SET DateStyle = 'ISO'; " + set("statement_timeout", options.statement_timeout)
        + set("lock_timeout", options.lock_timeout) + "SELECT pg_catalog.set_config('lock_timeout', '"
        + std::to_string(patience.count()) + "', false) WHERE pg_catalog.current_setting('lock_timeout') = '0'");
}

session::~session() {
    roll_back();
    link_.reset();
    watch_.release();
}

int session::server_version() const noexcept { return PQserverVersion(link_->libpq); }

bool session::usable() const noexcept {
    return !link_->copying && link_->owner.is_open() && PQtransactionStatus(link_->libpq) == PQTRANS_IDLE;
}

void session::begin() { link_->owed = link::begin_sql; }

void session::owe(const std::string& sql) { link_->owed.append(sql).append("; "); }

void session::pay() {
    if (link_->owes_more_than_begin()) run("");
}

void session::commit() {
    pay();
    if (!std::exchange(link_->owed, std::string()).empty()) return;
    // The answer "ROLLBACK" to a COMMIT is no error, and would be taken for a success.
    if (!link_->owner.is_open()) throw error{.message = "the connection was lost", .link_lost = true};
    if (PQtransactionStatus(link_->libpq) != PQTRANS_INTRANS)
        throw error{.state = "25P02", .message = "the transaction had failed before its COMMIT"};
    const watchdog::wait waiting(watch_);
    try {
        (void)link_->statements.exec("COMMIT");
    } catch (const std::exception& failed) {
        // Without memory it must still be told from an error before the COMMIT.
        error what{.message = affordable_text([&] { return link_->say(failed.what()); }),
                   .link_lost = !link_->owner.is_open()};
        what.state = sqlstate_of(failed);  // Too short to need any.
        // A backend that is ended may say so when it has committed already; what is not the server's word says nothing.
        what.in_doubt = what.link_lost || what.state.empty() || who_is_to_blame(what) == blame::link;
        throw what;
    }
}

void session::roll_back() noexcept {
    const watchdog::wait waiting(watch_);
    link_->owed.clear();
    if (std::exchange(link_->copying, false) && link_->owner.is_open()) {
        PQputCopyEnd(link_->libpq, "given up");
        (void)link_->drain();
    }
    if (!link_->owner.is_open() || PQtransactionStatus(link_->libpq) == PQTRANS_IDLE) return;
    try {
        (void)link_->statements.exec("ROLLBACK");
    } catch (const std::exception&) {  // The link is lost, or will be: the server rolls back by itself.
    }
}

answer session::ask(const std::string& sql) {
    ++statements_;
    const watchdog::wait waiting(watch_);
    const bool owed = link_->owes_more_than_begin();
    try {
        answer rows;
        const pqxx::result said = link_->statements.exec(link_->with_debts(sql));
        for (const auto& row : said) {
            auto& cells = rows.emplace_back();
            for (const auto& cell : row)
                cells.push_back(cell.is_null() ? std::optional<std::string>() : std::string(cell.c_str(), cell.size()));
        }
        return rows;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& failed) {
        try {
            link_->fail(failed);
        } catch (error& what) {
            // Neither what was owed nor what may go out with it is given a row of the tables.
            what.before_rows = owed;
            what.owed = owed && is_conflict(what);
            throw;
        }
    }
}

void session::begin_copy(const std::string& sql) {
    try {
        run(sql);
    } catch (error& refused) {
        refused.before_rows = true;
        throw;
    }
    link_->copying = true;
}

void session::send(std::string_view part) {
    constexpr std::size_t most = std::size_t{256} << 10;
    while (!part.empty()) {
        const watchdog::wait waiting(watch_);
        const std::string_view next = part.substr(0, most);
        if (PQputCopyData(link_->libpq, next.data(), static_cast<int>(next.size())) != 1) link_->fail_in_libpq();
        part.remove_prefix(next.size());
    }
}

void session::end_copy(const std::function<void()>& meanwhile) {
    const bool sent = [this] {
        const watchdog::wait waiting(watch_);
        return PQputCopyEnd(link_->libpq, nullptr) == 1;
    }();
    link_->copying = false;
    meanwhile();
    const watchdog::wait waiting(watch_);
    const libpq_result refused = link_->drain();
    if (refused != nullptr) link_->fail_with(*refused);
    if (!sent || !link_->owner.is_open()) link_->fail_in_libpq();
}

void session::put(const std::string& sql) {
    ++statements_;
    const watchdog::wait waiting(watch_);
    if (!link_->owner.is_open() || PQsendQuery(link_->libpq, link_->with_debts(sql).c_str()) != 1)
        link_->fail_in_libpq();
    const libpq_result refused = link_->drain();
    if (refused != nullptr) link_->fail_with(*refused);
    if (!link_->owner.is_open()) link_->fail_in_libpq();
}

std::string session::quoted_text(const std::string& text) const {
    try {
        return "'" + link_->owner.esc(text) + "'";
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& failed) {
        link_->fail(failed);
    }
}

}  // namespace penstock::detail::postgresql
