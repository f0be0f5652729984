// The host's signals and settings are his own.
#include <sys/stat.h>
#include <sys/time.h>
#include <tbb/global_control.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <clocale>
#include <csignal>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>

#include "job_fixture.hpp"
#include "penstock/sources/lines.hpp"
#include "tests/leftovers.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::http_request;
using ps::testing::http_response;
using ps::testing::record;
using ps::testing::settled_run;

namespace {

record read_id(const ps::page& page) { return {ps::testing::number_in(page.url()), std::string(page.body())}; }

class signals : public ps::testing::job_fixture {
protected:
    /// A job with every thread that penstock has.
    template <class Read>
    ps::pipeline job(int items, Read read) {
        std::ofstream out(folder_ / "urls.txt");
        for (int i = 0; i < items; ++i) out << server_.url("/" + std::to_string(i)) << '\n';
        out.close();
        return ps::lines(folder_ / "urls.txt")
               | ps::fetch({.retries = 20, .backoff = 1ms, .max_backoff = 2ms, .retry_budget = 1})
               | ps::parallel("read", read)
               | ps::store(target(), records(), {.create_table = true, .max_rows = 10, .max_age = 5ms});
    }

    std::atomic<unsigned> asked_{0};
    ps::testing::http_server server_{[this](const http_request& r) {
        // One of three answers is cut with an RST in its body.
        return http_response{.body = "the answer to " + r.target,
                             .cut_body_after = ++asked_ % 3 == 0 ? std::optional<std::size_t>(5) : std::nullopt,
                             .reset = true};
    }};
};

/// Every disposition of the process.
std::array<struct sigaction, 65> dispositions() {
    std::array<struct sigaction, 65> all{};
    for (int number = 1; number < 65; ++number) {
        ::sigaction(number, nullptr, &all[static_cast<std::size_t>(number)]);
    }
    return all;
}

TEST_F(signals, O6_handlers_mask_and_settings_of_the_host_stay_as_they_are) {
    ps::testing::leftovers before;
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGCHLD, SIGUSR1}) {
        ASSERT_NE(::signal(number, [](int) {}), SIG_ERR);
    }
    ASSERT_EQ(::signal(SIGPIPE, SIG_DFL), SIG_DFL);
    const auto handlers = dispositions();
    sigset_t mask_before, mask_after;
    ASSERT_EQ(pthread_sigmask(SIG_SETMASK, nullptr, &mask_before), 0);
    const std::string locale = std::setlocale(LC_ALL, nullptr);
    const mode_t umask_before = ::umask(0137);
    const std::filesystem::path folder = std::filesystem::current_path();
    {
        const tbb::global_control hosts(tbb::global_control::max_allowed_parallelism, 1);
        EXPECT_TRUE(settled_run(job(60, read_id)).clean());
        EXPECT_EQ(tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism), 1U);
    }

    const auto after = dispositions();
    for (std::size_t number = 1; number < handlers.size(); ++number) {
        EXPECT_EQ(handlers[number].sa_handler, after[number].sa_handler) << "signal " << number;
    }
    ASSERT_EQ(pthread_sigmask(SIG_SETMASK, nullptr, &mask_after), 0);
    for (int number = 1; number < 65; ++number) {
        EXPECT_EQ(::sigismember(&mask_before, number), ::sigismember(&mask_after, number)) << "signal " << number;
    }
    EXPECT_EQ(locale, std::setlocale(LC_ALL, nullptr));
    EXPECT_EQ(::umask(umask_before), mode_t{0137});
    EXPECT_EQ(folder, std::filesystem::current_path());
    EXPECT_TRUE(before.none());
}

/// Looks at every thread: what all threads of a name have blocked in all looks so far. One look is not enough, since
/// a thread that starts another one blocks everything for that moment.
void look_at_masks(std::map<std::string, unsigned long long>& blocked) {
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream status(task.path() / "status");
        std::string name;
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with("Name:")) name = line.substr(line.find_last_of(" \t") + 1);
            if (!line.starts_with("SigBlk:")) continue;
            blocked.emplace(name, ~0ULL).first->second &= std::stoull(line.substr(7), nullptr, 16);
        }
    }
}

TEST_F(signals, O6_penstocks_threads_block_what_comes_from_outside_and_no_fault) {
    std::map<std::string, unsigned long long> seen;
    std::mutex mutex;
    EXPECT_TRUE(settled_run(job(30,
                                [&](const ps::page& page) {
                                    const std::lock_guard lock(mutex);
                                    look_at_masks(seen);
                                    return read_id(page);
                                }),
                            {.queue_size = 4})
                    .clean());
    for (const char* name : {"penstock-source", "penstock-fetch", "penstock-flow", "penstock-store"}) {
        ASSERT_TRUE(seen.contains(name)) << name;
        const auto blocks = [&](int number) { return (seen[name] >> (number - 1) & 1) != 0; };
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGPIPE, SIGCHLD, SIGUSR1, SIGPROF}) {
            EXPECT_TRUE(blocks(number)) << name << ", signal " << number;
        }
        for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
            EXPECT_FALSE(blocks(number)) << name << ", signal " << number;
        }
    }
}

TEST_F(signals, O6_a_storm_of_interrupts_changes_nothing) {
    static std::atomic<int> storms{0};
    struct sigaction interrupt {};
    interrupt.sa_handler = [](int) { ++storms; };  // Without SA_RESTART: whatever can be interrupted is.
    struct sigaction former {};
    ASSERT_EQ(::sigaction(SIGALRM, &interrupt, &former), 0);
    const itimerval every{{0, 1000}, {0, 1000}};
    const itimerval never{};
    ASSERT_EQ(::setitimer(ITIMER_REAL, &every, nullptr), 0);
    EXPECT_TRUE(settled_run(job(300, read_id), {.progress = [](const auto&) {}, .progress_every = 1ms}).clean());
    ASSERT_EQ(::setitimer(ITIMER_REAL, &never, nullptr), 0);
    ASSERT_EQ(::sigaction(SIGALRM, &former, nullptr), 0);
    EXPECT_GT(storms, 10);
    EXPECT_EQ(rows_seen(), 300);
}

}  // namespace
