#pragma once

#include <libpq-fe.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace penstock::testing {

/// The address of the server that ctest has started for these tests: of PENSTOCK_TEST_POSTGRESQL, or in the file that
/// PENSTOCK_TEST_POSTGRESQL_FILE names.
inline std::string server_url() {
    if (const char* url = std::getenv("PENSTOCK_TEST_POSTGRESQL"); url != nullptr && *url != '\0') return url;
    const char* name = std::getenv("PENSTOCK_TEST_POSTGRESQL_FILE");
    std::ifstream file(name == nullptr ? "" : name);
    std::string url;
    if (!std::getline(file, url))
        throw std::runtime_error(
            "no PostgreSQL: run this through ctest, or tests/postgresql/server.sh start FOLDER and then "
            "PENSTOCK_TEST_POSTGRESQL_FILE=FOLDER/url");
    return url;
}

/// Another program's view of the server: a connection of its own.
class other_client {
public:
    explicit other_client(const std::string& url) : open_(PQconnectdb(url.c_str()), PQfinish) {
        if (PQstatus(open_.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(open_.get()));
        PQsetNoticeReceiver(
            open_.get(), [](void*, const PGresult*) {}, nullptr);
    }

    void run(const std::string& sql) const { (void)ask(sql); }

    /// The answer's rows, cells joined with '|'.
    std::vector<std::string> ask(const std::string& sql) const {
        const std::unique_ptr<PGresult, decltype(&PQclear)> said(PQexec(open_.get(), sql.c_str()), PQclear);
        const ExecStatusType status = PQresultStatus(said.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            throw std::runtime_error(PQerrorMessage(open_.get()));
        std::vector<std::string> rows;
        for (int row = 0; row < PQntuples(said.get()); ++row) {
            std::string cells;
            for (int i = 0; i < PQnfields(said.get()); ++i) {
                if (i != 0) cells += '|';
                cells += PQgetisnull(said.get(), row, i) != 0 ? "NULL" : PQgetvalue(said.get(), row, i);
            }
            rows.push_back(std::move(cells));
        }
        return rows;
    }

    /// The one cell of an answer of one row.
    std::string value(const std::string& sql) const { return ask(sql).at(0); }

    /// Asks until the answer is this; false after so many questions, in 10 s. The server does the waiting in between.
    bool wait_for(const std::string& sql, const std::string& answer, int questions = 1000) const {
        for (int i = 0; i < questions; ++i) {
            if (value(sql) == answer) return true;
            run("select pg_sleep(0.01), pg_stat_clear_snapshot()");
        }
        return false;
    }

private:
    std::unique_ptr<PGconn, decltype(&PQfinish)> open_;
};

/// A schema that goes when the test does, and addresses that lead into it.
class own_schema {
public:
    explicit own_schema(const std::string& url = server_url()) : server_(url), other(url) {
        other.run("set client_min_messages = warning; create schema " + name + "; set search_path = " + name);
    }
    ~own_schema() {
        try {
            other.run("rollback");
            other.run("drop schema " + name + " cascade");
        } catch (const std::exception&) {  // The server may be what the test has ended.
        }
    }
    own_schema(const own_schema&) = delete;
    own_schema& operator=(const own_schema&) = delete;

    /// The server's address, with the schema as search path and as the name of the session, by which a test tells its
    /// own sessions from those of others; for another user if one is named: "user" or "user:word".
    std::string url(const std::string& user = "postgres") const {
        std::string url = server_;
        url.replace(url.find("postgres@"), std::string("postgres").size(), user);
        return url + "?application_name=" + name + "&options=-csearch_path%3D" + name;
    }
    /// The same without a name for the session.
    std::string nameless_url() const { return server_ + "?options=-csearch_path%3D" + name; }

private:
    const std::string server_;

public:
    const std::string name = "test_" + std::to_string(getpid());
    const other_client other;
};

}  // namespace penstock::testing
