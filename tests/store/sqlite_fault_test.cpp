#include <sys/resource.h>

#include <chrono>
#include <fstream>
#include <future>
#include <thread>

#include "sqlite_store.hpp"
#include "stages/store/connection.hpp"
#include "stages/store/sqlite/busy_wait.hpp"
#include "tests/patience.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

struct sqlite_fault_test : ::testing::Test {
    temporary_folder folder;
    const std::filesystem::path file = folder / "quotes.db";
};

TEST_F(sqlite_fault_test, S1_a_lock_of_a_second_is_waited_for) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_age = 1ms});
    store.begin();
    const other_program other(file);
    other.run("begin immediate");
    store.give({{"A", 1, 1}});
    EXPECT_EQ(store.run.count(outcome::committed), 0U);
    std::this_thread::sleep_for(1s);  // The fault itself.
    EXPECT_EQ(store.run.count(outcome::committed), 0U);
    other.run("rollback");
    EXPECT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
    EXPECT_EQ(store.run.failed(), "");
}

TEST_F(sqlite_fault_test, S1_a_lock_for_ever_fails_the_run_after_three_tries) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_age = 1ms, .busy_timeout = 100ms});
    store.begin();
    const other_program other(file);
    other.run("begin immediate");
    const auto began = steady_clock::now();
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_GE(steady_clock::now() - began, 300ms);
    EXPECT_TRUE(holds(store.run.failed(), "database_locked: sqlite:"));
    EXPECT_EQ(store.run.count(outcome::abandoned), 1U);
    other.run("rollback");
    store.give({{"A", 1, 2}});
    EXPECT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::abandoned), 2U) << "a failed run writes nothing more";
    EXPECT_EQ(other.value("select count(*) from quotes"), "0");
}

TEST_F(sqlite_fault_test, O3_an_abandoned_run_does_not_wait_for_a_lock) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_age = 1ms, .busy_timeout = 1h});
    store.begin();
    const other_program other(file);
    other.run("begin immediate");
    store.give({{"A", 1, 1}});
    store.give({{"A", 1, 2}});
    const auto began = steady_clock::now();
    store.abandon();
    store.give({{"A", 1, 3}});
    ASSERT_TRUE(store.wait());
    store.finish();
    EXPECT_LT(steady_clock::now() - began, promptly);
    EXPECT_EQ(store.run.count(outcome::abandoned), 3U);
    EXPECT_EQ(store.run.failed(), "");
}

TEST_F(sqlite_fault_test, O3_an_interrupted_write_comes_back_from_its_wait_for_a_lock) {
    const store_options options{.create_table = true, .busy_timeout = 10s};
    const auto to = detail::connect(database("sqlite:" + file.string()), {quotes().spec()}, options);
    const other_program other(file);
    other.run("begin immediate");
    const detail::encoded_rows nothing;
    const std::vector<const detail::encoded_rows*> items{&nothing};
    const auto began = steady_clock::now();
    auto written = std::async(std::launch::async, [&] { return to->write(items); });
    to->interrupt();
    EXPECT_EQ(written.get().how, detail::write_end::interrupted);
    EXPECT_LT(steady_clock::now() - began, promptly);
    EXPECT_EQ(to->write(items).how, detail::write_end::interrupted) << "for ever after";
}

TEST_F(sqlite_fault_test, O3_an_abandoned_run_does_not_wait_for_a_batch_to_fill) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_age = 1h});
    store.begin();
    store.give({{"A", 1, 1}});
    store.abandon();
    EXPECT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::abandoned), 1U);
}

TEST_F(sqlite_fault_test, an_abandoned_store_can_run_again) {
    sqlite_store<quote> store(file, quotes());
    store.begin().abandon();
    store.finish();
    store.begin().give({{"A", 1, 1}});
    store.finish();
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
}

TEST_F(sqlite_fault_test, a_wait_for_a_lock_ends_when_it_is_interrupted_or_over) {
    detail::sqlite::busy_wait patient(10s);
    std::thread waiting([&] {
        for (int count = 0; patient.wait(count); ++count) {
        }
    });
    patient.interrupt();
    waiting.join();
    EXPECT_FALSE(patient.wait(0)) << "for ever after";

    detail::sqlite::busy_wait hasty(5ms);
    int count = 0;
    while (hasty.wait(count)) ++count;
    EXPECT_GE(count, 1);
}

TEST_F(sqlite_fault_test, S2_a_file_size_limit_fails_the_run_and_keeps_what_was_committed) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_age = 1ms});
    store.begin().give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{256 * 1024, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);  // SIGXFSZ would end the process, were it not blocked on the writer's thread.
    store.give({{std::string(1 << 20, 'x'), 1, 2}});
    const bool settled = store.wait();
    store.finish();
    setrlimit(RLIMIT_FSIZE, &before);
    ASSERT_TRUE(settled);
    EXPECT_TRUE(holds(store.run.failed(), "database_io: sqlite:"));
    EXPECT_TRUE(holds(store.run.failed(), "(File too large)"));
    EXPECT_EQ(store.run.count(outcome::dead), 0U) << "no row is to blame";
    EXPECT_EQ(store.run.count(outcome::abandoned), 1U);
    const other_program other(file);
    EXPECT_EQ(other.ask("select symbol from quotes"), std::vector<std::string>{"A"});
    EXPECT_EQ(other.value("pragma integrity_check"), "ok");
}

TEST_F(sqlite_fault_test, S2_a_corrupt_table_fails_the_run) {
    other_program(file).run("create table quotes(symbol text, price real, at_ms int)");
    std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(4096) << std::string(4096, '\xff');
    sqlite_store<quote> store(file, quotes(), {.max_age = 1ms});
    store.begin().give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "database_corrupt: sqlite:"));
    EXPECT_EQ(store.run.count(outcome::dead), 0U) << "no row is to blame";
    EXPECT_EQ(store.run.count(outcome::abandoned), 1U);
}

TEST_F(sqlite_fault_test, S3_a_file_that_was_moved_fails_the_run) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_age = 1ms});
    store.begin().give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    std::filesystem::rename(file, folder / "elsewhere.db");
    store.give({{"A", 1, 2}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "database_moved: sqlite:"));
    EXPECT_EQ(store.run.count(outcome::abandoned), 1U);
}

TEST_F(sqlite_fault_test, S3_a_file_that_was_replaced_fails_the_run) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_age = 1ms});
    store.begin();
    std::filesystem::remove(file);
    std::filesystem::remove(file.string() + "-wal");
    other_program(file).run("create table quotes(symbol text, price real, at_ms int)");
    store.give({{"A", 1, 2}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "database_moved"));
}

TEST_F(sqlite_fault_test, P12_a_table_that_was_dropped_fails_the_run) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_age = 1ms});
    store.begin();
    other_program(file).run("drop table quotes");
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "database_changed: sqlite:"));
    EXPECT_TRUE(holds(store.run.failed(), "no such table"));
    EXPECT_EQ(store.run.count(outcome::dead), 0U);
}

TEST_F(sqlite_fault_test, P12_a_column_that_was_added_disturbs_nobody) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_age = 1ms});
    store.begin();
    other_program(file).run("alter table quotes add column note text");
    store.give({{"A", 1, 1}});
    store.finish();
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
}

TEST_F(sqlite_fault_test, abandoning_at_any_moment_settles_every_item_once_and_truly) {
    for (int round = 0; round < 30; ++round) {
        const auto fresh = folder / std::to_string(round);
        sqlite_store<quote> store(fresh, quotes(), {.create_table = true, .max_rows = 20, .max_age = 1ms});
        store.begin();
        std::thread other([&] {
            store.run.wait_for(static_cast<std::size_t>(round * 10));
            store.abandon();
        });
        for (int i = 0; i < 300; ++i) store.give({{"A", 1, 2 * i}, {"A", 1, 2 * i + 1}});
        other.join();
        ASSERT_TRUE(store.wait());
        store.finish();
        const std::size_t committed = store.run.count(outcome::committed);
        EXPECT_EQ(committed + store.run.count(outcome::abandoned), 300U);
        EXPECT_EQ(other_program(fresh).value("select count(*) from quotes"), std::to_string(2 * committed));
    }
}

}  // namespace
}  // namespace penstock::testing
