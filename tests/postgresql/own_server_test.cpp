#include "own_server.hpp"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <future>
#include <iostream>

#include "becomes_true.hpp"
#include "postgresql_store.hpp"
#include "tests/sanitizer.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr store_options small{.create_table = true, .max_rows = 10, .max_age = std::chrono::milliseconds(1)};

std::chrono::duration<double> processor_time() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// The part of a core that who waits may take. A sanitizer takes more of it, and who spins takes all.
constexpr double most_of_a_core = is_sanitized ? 0.5 : 0.2;

/// The table holds each item that is committed, with both of its rows and once, and of the others only those in doubt.
void expect_exact(const own_server& server, const fake_run& run, std::size_t given) {
    const other_client client = server.client();
    EXPECT_EQ(run.count(outcome::committed) + run.count(outcome::in_doubt), given) << run.failed();
    std::size_t missing = 0;
    std::vector<int> rows(given);
    for (const std::string& at : client.ask("select at_ms from quotes")) ++rows.at(std::stoul(at));
    for (const auto& [item, end] : run.settled()) {
        if (end.how != outcome::in_doubt) {
            EXPECT_EQ(rows[item], 2) << "item " << item;
            continue;
        }
        EXPECT_TRUE(rows[item] == 0 || rows[item] == 2) << "item " << item;
        EXPECT_TRUE(holds(end.reason, "database_in_doubt"));
        missing += rows[item] == 0;
    }
    std::cout << given << " items, " << run.count(outcome::in_doubt) << " in doubt, " << missing
              << " of these not in the table\n";
}

TEST(own_server_test, P2_a_server_that_is_stopped_and_started_under_load_costs_no_row_and_no_processor) {
    const bool long_form = std::getenv("PENSTOCK_TEST_LONG") != nullptr;
    const own_server server;
    postgresql_store<quote> store(database(server.url(), {.retry_for = 60s}), quotes(), small, 200);
    store.begin();
    auto trouble = std::async(std::launch::async, [&] {
        const auto end = steady_clock::now() + (long_form ? 60s : 0s);
        for (int round = 0; round < 2 || steady_clock::now() < end; ++round) {
            std::this_thread::sleep_for(long_form ? 2s : 300ms);  // For as long as it works.
            server.crash();
            std::this_thread::sleep_for(long_form ? 2s : 300ms);  // For as long as it is away.
            server.start_again();
        }
    });
    std::size_t given = 0;
    while (trouble.wait_for(0s) != std::future_status::ready || given < 100) {
        const auto at = static_cast<std::int64_t>(given++);
        store.give({{"A", 1, at}, {"B", 1, at}});
        if (given > 100) {
            ASSERT_TRUE(store.run.wait_for(given - 100)) << "a bound on what is in flight";
        }
    }
    trouble.get();
    ASSERT_TRUE(store.wait());
    store.finish();
    expect_exact(server, store.run, given);
    EXPECT_EQ(store.run.count(outcome::dead), 0U);
}

TEST(own_server_test, P2_waiting_for_a_server_that_is_away_takes_no_processor_and_is_in_the_log) {
    const own_server server;
    postgresql_store<quote> store(database(server.url(), {.retry_for = 60s}), quotes(), small);
    store.begin();
    server.crash();
    const auto before = processor_time();
    const auto began = steady_clock::now();
    store.give({{"A", 1, 0}, {"B", 1, 0}});
    std::this_thread::sleep_for(1s);
    const std::chrono::duration<double> used = processor_time() - before;
    EXPECT_LT(used, (steady_clock::now() - began) * most_of_a_core);
    EXPECT_TRUE(becomes_true([&] { return !store.run.warnings().empty(); }));
    server.start_again();
    ASSERT_TRUE(store.wait());
    store.finish();
    expect_exact(server, store.run, 1);
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
    EXPECT_GE(store.run.metrics().store.retries.load(), 2U);
    ASSERT_EQ(store.run.warnings().size(), 2U);
    EXPECT_TRUE(holds(store.run.warnings().front(), "store waits for its database: database_"));
    EXPECT_EQ(store.run.warnings().back(), "store: the database takes rows again");
}

TEST(own_server_test, P8_a_full_disk_fails_the_run_and_blames_no_row) {
    const own_server server;
    const std::string place = (server.cluster() / "small").string();
    ASSERT_TRUE(own_server::run_as_owner("mkdir -m 777 " + place));
    if (::mount("tmpfs", place.c_str(), "tmpfs", 0, "size=2m,mode=777") != 0)
        GTEST_SKIP() << "a small file system takes root";
    ASSERT_TRUE(own_server::run_as_owner("mkdir -m 700 " + place + "/space"));
    server.client().run("create tablespace small location '" + place + "/space'");
    server.client().run("create table quotes(symbol text, price float8, at_ms bigint) tablespace small");
    {
        postgresql_store<quote> store(server.url(), quotes(), {.max_rows = 1000, .max_age = 1ms});
        store.begin();
        std::size_t given = 0;
        for (; store.run.failed().empty() && given < 1'000; ++given)
            store.give(std::vector<quote>(500, {std::string(100, 'x'), 1, static_cast<std::int64_t>(given)}));
        ASSERT_TRUE(store.wait());
        store.finish();
        EXPECT_TRUE(holds(store.run.failed(), "database_full: postgresql://"));
        EXPECT_TRUE(holds(store.run.failed(), "53100"));
        EXPECT_EQ(store.run.count(outcome::dead), 0U) << "a full disk speaks of no row";
        EXPECT_EQ(store.run.count(outcome::in_doubt), 0U);
        EXPECT_EQ(server.client().value("select count(*) from quotes"),
                  std::to_string(500 * store.run.count(outcome::committed)));
    }
    server.crash();
    ::umount2(place.c_str(), MNT_DETACH);
}

TEST(own_server_test, TLS_is_used_as_the_address_says_and_sessions_bear_our_name) {
    const own_server server;
    const std::string data = (server.cluster() / "data").string();
    for (const std::string name : {"server", "other"})
        ASSERT_TRUE(
            own_server::run_as_owner("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
                                     " -addext subjectAltName=IP:127.0.0.1 -keyout "
                                     + data + '/' + name + ".key -out " + data + '/' + name + ".crt 2>/dev/null"));
    const auto message = [&](const std::string& parameters) {
        return postgresql_store<quote>(server.url() + "?connect_timeout=20&" + parameters, quotes(), small)
            .preflight_message();
    };
    EXPECT_TRUE(holds(message("sslmode=require"), "server does not support SSL"));
    const other_client client = server.client();
    client.run("alter system set ssl = on");
    client.run("select pg_reload_conf()");
    ASSERT_TRUE(client.wait_for("show ssl", "on"));
    EXPECT_TRUE(holds(message("sslmode=verify-full&sslrootcert=" + data + "/other.crt"), "certificate verify failed"));
    postgresql_store<quote> store(server.url() + "?sslmode=verify-full&sslrootcert=" + data + "/server.crt", quotes(),
                                  small);
    store.begin().give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
    EXPECT_EQ(client.ask("select application_name, ssl from pg_stat_ssl join pg_stat_activity using (pid)"
                         " where application_name like 'pen%'"),
              std::vector<std::string>{"penstock|t"});
}

TEST(own_server_test, P11_a_standby_that_can_only_be_read_is_refused_before_the_run) {
    const own_server server;
    server.client().run("create table quotes(symbol text, price float8, at_ms bigint)");
    const std::string standby = server.start_standby();
    ASSERT_TRUE(other_client(standby).wait_for("select to_regclass('quotes') is not null", "t"));
    EXPECT_TRUE(holds(postgresql_store<quote>(standby, quotes(), {}).preflight_message(),
                      "can only be read: the server or the session is read-only"));
    const std::string both = "postgresql://postgres@" + standby.substr(standby.find('@') + 1, 15) + ","
                             + server.url().substr(server.url().find('@') + 1, 15)
                             + "/postgres?target_session_attrs=read-write";
    EXPECT_EQ(postgresql_store<quote>(both, quotes(), {}).preflight_message(), "") << "the second one takes rows";
}

TEST(own_server_test, P11_a_server_that_is_on_its_way_down_is_asked_again_for_a_bounded_time) {
    const own_server server;
    const other_client holder = server.client();
    // It waits for its last client, and lets no other in.
    const std::string data = (server.cluster() / "data").string();
    ASSERT_EQ(std::system(("kill -TERM $(head -1 " + data + "/postmaster.pid)").c_str()), 0);
    const auto refused = [&] {
        return postgresql_store<quote>(database(server.url(), {.connect_timeout = 1s}), quotes(), {})
            .preflight_message();
    };
    std::string message;
    steady_clock::time_point began;
    // It takes its time to begin with that.
    for (const auto end = steady_clock::now() + 30s; message.find("57P03") == message.npos;) {
        began = steady_clock::now();
        if (began > end) break;
        message = refused();
    }
    EXPECT_TRUE(holds(message, "57P03 the database system is shutting down"));
    EXPECT_GE(steady_clock::now() - began, 900ms);
    EXPECT_LT(steady_clock::now() - began, 15s);
}

}  // namespace
}  // namespace penstock::testing
