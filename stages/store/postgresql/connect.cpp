#include "connect.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "address.hpp"
#include "error.hpp"

namespace penstock::detail::postgresql {
namespace {

using clock = std::chrono::steady_clock;
using libpq_connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

/// The time that the address gives, in whole seconds as for libpq, or else the option.
std::chrono::milliseconds time_to_connect(const parameters& said, const database_options& options) {
    const auto found = said.find("connect_timeout");
    const long seconds = found == said.end() ? 0 : std::strtol(found->second.c_str(), nullptr, 10);
    if (seconds <= 0 || seconds > 24 * 60 * 60) return options.connect_timeout;
    return std::chrono::seconds(seconds);
}

/// Waits until libpq can go on. Throws at the deadline, and once it is interrupted.
void wait_for(const PGconn& opening, bool to_write, clock::time_point deadline, const watchdog& watch) {
    pollfd waiting[] = {{PQsocket(&opening), static_cast<short>(to_write ? POLLOUT : POLLIN), 0},
                        {watch.bell(), POLLIN, 0}};
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
        if (watch.interrupted()) throw error{.message = "the wait for the server was ended", .link_lost = true};
        if (left.count() <= 0)
            throw error{.message = "the server did not let us in within the time to connect", .link_lost = true};
        const int found = ::poll(waiting, 2, static_cast<int>(left.count()));
        if (found > 0 && waiting[0].revents != 0) return;
        if (found < 0 && errno != EINTR) throw error{.message = "poll failed", .link_lost = true};
    }
}

libpq_connection open(const parameters& said, const database_options& options, const watchdog& watch) {
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const auto& [name, value] : said) {
        names.push_back(name.c_str());
        values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    const clock::time_point deadline = clock::now() + time_to_connect(said, options);
    libpq_connection opened(PQconnectStartParams(names.data(), values.data(), 0), PQfinish);
    if (opened == nullptr) throw std::bad_alloc();
    PQsetErrorVerbosity(opened.get(), PQERRORS_VERBOSE);
    if (PQstatus(opened.get()) != CONNECTION_BAD) {
        for (auto next = PGRES_POLLING_WRITING; next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED;
             next = PQconnectPoll(opened.get()))
            wait_for(*opened, next == PGRES_POLLING_WRITING, deadline, watch);
    }
    if (PQstatus(opened.get()) != CONNECTION_OK) {
        // What is told is cut to its length after the secrets are out; a short one may be a part of the SQLSTATE.
        error what = connect_error(without_secrets(PQerrorMessage(opened.get()), said));
        what.state = connect_error(PQerrorMessage(opened.get())).state;
        throw what;
    }
    PQsetErrorVerbosity(opened.get(), PQERRORS_DEFAULT);
    return opened;
}

libpq_connection open_first(const parameters& said, const database_options& options, const watchdog& watch) {
    const std::vector<parameters> servers = servers_of(said);
    for (std::size_t place = 0; place + 1 < servers.size(); ++place) try {
            return open(servers[place], options, watch);
        } catch (const error&) {
            if (watch.interrupted()) throw;
        }
    return open(servers.back(), options, watch);
}

}  // namespace

pg_conn* connect(const std::string& address, const database_options& options, watchdog& watch) {
    libpq_connection opened = open_first(connection_parameters(address), options, watch);
    // libpq would print a trigger's warnings on the host program's stderr.
    PQsetNoticeReceiver(
        opened.get(), [](void*, const PGresult*) {}, nullptr);
    watch.guard(PQsocket(opened.get()));
    return opened.release();
}

}  // namespace penstock::detail::postgresql
