// A run inside somebody else's program: his TBB, his threads, his only processor.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <optional>
#include <thread>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/errors.hpp"
#include "penstock/sources/from.hpp"
#include "penstock/sources/generate.hpp"
#include "tests/account.hpp"
#include "tests/leftovers.hpp"

namespace ps = penstock;
using ps::testing::leftovers;
using ps::testing::settled_run;

namespace {

/// Runs items through a chain of all modes; true if each reached the sink.
bool runs_well(int items, unsigned workers = 2) {
    std::vector<int> numbers(static_cast<std::size_t>(items));
    std::iota(numbers.begin(), numbers.end(), 0);
    long long sum = 0;
    auto job = ps::from(std::move(numbers)) | ps::parallel("same", [](int n) { return n; })
               | ps::serial("mine", [](int n) { return n; }) | ps::in_order("sum", [&](int n) { sum += n; });
    const ps::report done = settled_run(job, {.max_workers = workers, .queue_size = 16});
    return done.clean() && sum == static_cast<long long>(items) * (items - 1) / 2;
}

#ifdef __SANITIZE_THREAD__
// libtbb is not instrumented: what it hands over in the host's code, and the memory of one pipeline's filters that it
// gives to another's at the same time, look like races.
constexpr bool tbb_is_understood = false;
#else
constexpr bool tbb_is_understood = true;
#endif

TEST(guest, G3_a_parallel_for_of_400_tasks_may_run_pipelines) {
    if (!tbb_is_understood) GTEST_SKIP() << "ThreadSanitizer does not see into libtbb";
    leftovers before;
    std::atomic<int> good{0};
    tbb::parallel_for(
        0, 400,
        [&](int) {
            thread_local int depth = 0;
            EXPECT_EQ(depth, 0) << "the body was entered again by a thread that waits in it";
            ++depth;
            good += runs_well(20) ? 1 : 0;
            --depth;
        },
        tbb::simple_partitioner());
    EXPECT_EQ(good, 400);
    EXPECT_TRUE(before.none());
}

TEST(guest, G3_an_arena_of_one_is_enough) {
    if (!tbb_is_understood) GTEST_SKIP() << "ThreadSanitizer does not see into libtbb";
    tbb::task_arena one(1);
    EXPECT_TRUE(one.execute([] { return runs_well(2000, 8); }));
}

TEST(guest, G3_many_pipelines_run_at_once) {
    if (!tbb_is_understood) GTEST_SKIP() << "ThreadSanitizer does not see into libtbb";
    for (const int pipelines : {2, 3, 8}) {
        std::atomic<int> good{0};
        std::vector<std::jthread> hosts;
        for (int i = 0; i < pipelines; ++i) hosts.emplace_back([&] { good += runs_well(2000) ? 1 : 0; });
        hosts.clear();
        EXPECT_EQ(good, pipelines);
    }
}

TEST(guest, G3_a_callback_may_run_another_pipeline) {
    if (!tbb_is_understood) GTEST_SKIP() << "ThreadSanitizer does not see into libtbb";
    for (const unsigned workers : {1U, 2U}) {
        std::atomic<int> good{0};
        auto job = ps::from({1, 2, 3, 4, 5, 6, 7, 8})
                   | ps::parallel("inner",
                                  [&](int n) {
                                      good += runs_well(50, 2) ? 1 : 0;
                                      return n;
                                  })
                   | ps::serial("inner too", [&](int) { good += runs_well(50, 1) ? 1 : 0; });
        EXPECT_TRUE(settled_run(job, {.max_workers = workers, .queue_size = 2}).clean());
        EXPECT_EQ(good, 16);
    }
}

/// What `run` says to a callback of its own pipeline.
class caller_of_itself {
public:
    void operator()() {
        try {
            self->run();
        } catch (const ps::bad_option& refused) {
            if (std::string(refused.what()).find("running already") != std::string::npos) was_refused = true;
        }
    }

    ps::pipeline* self = nullptr;
    std::atomic<bool> was_refused{false};
};

TEST(guest, G3_a_run_from_its_own_callbacks_is_refused) {
    caller_of_itself source, stage, sink, letters, progress;
    auto given = ps::generate([&, n = 0]() mutable -> std::optional<int> {
        source();
        return n < 2 ? std::optional(n++) : std::nullopt;
    });
    auto job = std::move(given)
               | ps::parallel("stage",
                              [&](int n) {
                                  if (n == 0) throw 0;
                                  std::ref(stage)();
                                  return n;
                              })
               | ps::serial("sink", [&](int) {
                     sink();
                     while (!progress.was_refused) std::this_thread::yield();
                 });
    for (caller_of_itself* one : {&source, &stage, &sink, &letters, &progress}) one->self = &job;
    const ps::report done = settled_run(job, {.dead_letters = [&](const ps::dead_letter&) { letters(); },
                                              .progress = [&](const ps::metrics_snapshot&) { progress(); },
                                              .progress_every = std::chrono::milliseconds(1)});
    EXPECT_EQ(done.count(ps::outcome::committed), 1U) << done;
    for (const caller_of_itself* one : {&source, &stage, &sink, &letters, &progress}) {
        EXPECT_TRUE(one->was_refused);
    }
}

TEST(guest, G4_a_cancelled_task_group_does_not_cut_a_run_short) {
    if (!tbb_is_understood) GTEST_SKIP() << "ThreadSanitizer does not see into libtbb";
    tbb::task_group group;
    std::optional<ps::report> done;
    std::atomic<int> seen{0};
    group.run([&] {
        auto job = ps::from(std::vector<int>(5000, 1))
                   | ps::parallel("cancel",
                                  [&](int n) {
                                      if (++seen == 100) group.cancel();
                                      return n;
                                  })
                   | ps::serial("none", [](int) {});
        done = settled_run(job, {.queue_size = 8});
    });
    group.wait();
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->reason, ps::end_reason::completed);
    EXPECT_EQ(done->count(ps::outcome::committed), 5000U);
}

TEST(guest, G4_a_run_begins_well_in_a_group_that_is_cancelled_already) {
    if (!tbb_is_understood) GTEST_SKIP() << "ThreadSanitizer does not see into libtbb";
    tbb::task_group group;
    std::atomic<bool> good{false};
    group.run([&] {
        group.cancel();
        good = runs_well(1000);
    });
    group.wait();
    EXPECT_TRUE(good);
}

TEST(guest, G2_64_workers_are_cut_to_what_the_machine_has) {
    auto job = ps::from(std::vector<int>(1000, 1)) | ps::parallel("same", [](int n) { return n; })
               | ps::serial("none", [](int) {});
    const ps::report done = settled_run(job, {.max_workers = 64});
    EXPECT_EQ(done.count(ps::outcome::committed), 1000U);
    EXPECT_EQ(done.workers, static_cast<unsigned>(std::min(64, tbb::info::default_concurrency())));
}

/// Runs itself again in a process that has one processor.
TEST(guest, G2_one_processor_is_enough) {
    constexpr const char* here = "PENSTOCK_TEST_ON_ONE_PROCESSOR";
    if (std::getenv(here) != nullptr) {
        ASSERT_EQ(tbb::info::default_concurrency(), 1);
        EXPECT_TRUE(runs_well(3000, 8));
        tbb::parallel_for(0, 20, [](int) { EXPECT_TRUE(runs_well(20)); });
        return;
    }
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ::alarm(30);
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(::sched_getcpu(), &one);
        if (::sched_setaffinity(0, sizeof one, &one) != 0) ::_exit(3);
        ::setenv(here, "1", 1);
        ::execl("/proc/self/exe", "pipeline_test", "--gtest_filter=guest.G2_one_processor_is_enough", "--gtest_brief=1",
                nullptr);
        ::_exit(4);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
