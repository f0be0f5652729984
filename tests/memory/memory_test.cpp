// Memory runs out at each allocation in turn: nothing is lost but what that allocation was for.
#include <gtest/gtest.h>
#include <signal.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>

#include "failing_new.hpp"
#include "penstock/client.hpp"
#include "penstock/compose.hpp"
#include "penstock/errors.hpp"
#include "penstock/sources/generate.hpp"
#include "penstock/sources/lines.hpp"
#include "penstock/stages/fetch.hpp"
#include "penstock/stages/store.hpp"
#include "penstock/testing/http_server.hpp"
#include "penstock/testing/run_inline.hpp"
#include "tests/account.hpp"
#include "tests/leftovers.hpp"
#include "tests/store/sqlite_file.hpp"
#include "tests/temporary_folder.hpp"

namespace ps = penstock;
using ps::testing::expect_settled;
using ps::testing::failing_new;
using ps::testing::pieces_alive;

namespace {

/// What a run came to whose memory failed once.
enum class end { whole, failed, refused };

end run_once(const std::function<ps::report()>& run) {
    try {
        expect_settled(run());
        return end::whole;
    } catch (const ps::run_failed& failed) {
        expect_settled(failed.report());
        return end::failed;
    } catch (const ps::preflight_failed&) {
        return end::refused;
    } catch (const std::bad_alloc&) {
        return end::refused;
    }
}

/// Lets every allocation of the run fail in turn, until a run has come to its end without one. What the run does must
/// not depend on earlier ones.
void fail_each(const std::function<ps::report()>& run) {
    // What spdlog makes once for the whole process is there before anything is counted.
    static const auto quiet = spdlog::create<spdlog::sinks::null_sink_mt>("penstock");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(run_once(run), end::whole) << "with all the memory it wants";
    ps::testing::leftovers before;
    int ends[3] = {};
    int untouched = 0;
    std::size_t at = 0;
    // Threads take turns as they like, so one run that needed less does not mean that all are through.
    while (untouched < 5 && !::testing::Test::HasFailure()) {
        const std::ptrdiff_t alive = pieces_alive();
        bool failed = false;
        {
            const failing_new fail(++at);
            ++ends[static_cast<int>(run_once(run))];
            failed = fail.failed();
        }
        untouched = failed ? 0 : untouched + 1;
        EXPECT_LE(pieces_alive(), alive) << "leaked when allocation " << at << " failed";
    }
    EXPECT_TRUE(before.none());
    EXPECT_GT(at, 20U);
    std::cout << at << " runs: " << ends[0] << " whole, " << ends[1] << " failed, " << ends[2] << " refused\n";
}

/// Long enough that every copy needs memory.
std::string text_of(int n) { return "the text of the item with the number " + std::to_string(n); }

ps::pipeline engine_job() {
    return ps::generate([n = 0]() mutable -> std::optional<std::string> {
               if (n == 8) return n = 0, std::nullopt;
               return text_of(n++);
           })
           | ps::parallel("longer", [](std::string text) { return text + text; })
           | ps::in_order("fussy",
                          [n = 0](std::string text) mutable {
                              if (++n % 3 == 0) throw std::runtime_error("refused: " + text);
                              return text;
                          })
           | ps::serial("none", [](const std::string&) {});
}

TEST(memory, O5_fails_in_the_engine_anywhere) {
    ps::metrics figures;
    fail_each([&] {
        std::size_t letters = 0;
        ps::pipeline job = engine_job();
        return job.run({.queue_size = 3,
                        .metrics = &figures,
                        .dead_letters = [&](const ps::dead_letter&) { ++letters; },
                        .progress = [](const ps::metrics_snapshot&) {},
                        .progress_every = std::chrono::milliseconds(1)});
    });
}

TEST(memory, O5_fails_in_an_inline_run_anywhere) {
    fail_each([&] {
        ps::pipeline job = engine_job();
        return ps::testing::run_inline(job);
    });
}

TEST(memory, O5_fails_between_files_and_a_database_anywhere) {
    const ps::testing::temporary_folder folder{ps::testing::in_memory()};
    std::ofstream lines(folder / "lines.txt");
    for (int n = 0; n < 6; ++n) lines << text_of(n) << '\n';
    lines.close();
    // A rule that fails, which by itself does not say whether the row is to blame.
    ps::testing::other_program(folder / "empty.db")
        .run("CREATE TABLE rows (text TEXT CHECK (json_extract(text, '$') IS NOT 1))");
    struct row {
        std::string text;
    };
    fail_each([&] {
        // One is refused at our border, one by the database, so that its batch is done again.
        std::filesystem::copy_file(folder / "empty.db", folder / "rows.db",
                                   std::filesystem::copy_options::overwrite_existing);
        auto job = ps::lines(folder / "lines.txt")
                   | ps::parallel("row",
                                  [](const std::string& text) {
                                      if (text.ends_with('3')) return row{std::string(1, '\0')};
                                      return row{text.ends_with('1') ? "no JSON" : '"' + text + '"'};
                                  })
                   | ps::store(ps::database("sqlite:" + (folder / "rows.db").string()),
                               ps::table("rows", ps::column("text", &row::text)),
                               {.max_rows = 2, .max_age = std::chrono::milliseconds(1)});
        return job.run({.dead_letters = ps::ndjson(folder / "letters.ndjson")});
    });
}

/// A server in a process of its own, which has all the memory it wants.
class server_apart {
public:
    server_apart() {
        int url[2];
        if (::pipe(url) != 0) throw std::runtime_error("no pipe");
        child_ = ::fork();
        if (child_ == 0) serve(url[1]);
        ::close(url[1]);
        char text[64];
        const ssize_t size = ::read(url[0], text, sizeof text);
        ::close(url[0]);
        if (child_ < 0 || size <= 0) throw std::runtime_error("no server");
        url_.assign(text, static_cast<std::size_t>(size));
    }
    ~server_apart() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }
    server_apart(const server_apart&) = delete;
    server_apart& operator=(const server_apart&) = delete;

    const std::string& url() const { return url_; }

private:
    [[noreturn]] static void serve(int to) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const ps::testing::http_server server([](const ps::testing::http_request& r) {
            return r.target.ends_with('2') ? ps::testing::status(404) : ps::testing::text("the answer to " + r.target);
        });
        const std::string url = server.url();
        if (::write(to, url.data(), url.size()) < 0) ::_exit(1);
        for (;;) ::pause();
    }

    pid_t child_ = -1;
    std::string url_;
};

// libcurl's own allocations are spared: libcurl 7.88 divides by zero when one of them fails.
TEST(memory, O5_fails_in_fetch_anywhere) {
    const server_apart server;
    fail_each([&] {
        auto job =
            ps::generate([&, n = 0]() mutable -> std::optional<std::string> {
                if (n == 4) return std::nullopt;
                return server.url() + "some/longer/path/of/" + std::to_string(n++);
            })
            | ps::fetch({.timeout = std::chrono::seconds(3), .retries = 1, .backoff = std::chrono::milliseconds(1)})
            | ps::serial("none", [](const ps::page&) {});
        return job.run();
    });
}

TEST(memory, O5_fails_in_a_client_anywhere) {
    const server_apart server;
    fail_each([&] {
        ps::client_options options{.cookies = true, .timeout = std::chrono::seconds(3), .retries = 1};
        options.fetching.backoff = std::chrono::milliseconds(1);
        ps::client web(options);
        web.set_cookie(server.url(), "name=a value that is long enough to need memory");
        bool whole = true;
        for (const char* path : {"some/longer/path/of/1", "some/longer/path/of/2"}) {
            try {
                (void)web.post(server.url() + path, ps::form_body({{"name", "a value that needs memory"}}));
            } catch (const ps::call_failed& failed) {
                whole = whole && failed.why().status == 404;
            } catch (const std::bad_alloc&) {
                whole = false;
            }
        }
        (void)web.async_get(server.url() + "some/longer/path/that/nobody/waits/for");
        if (!whole) throw std::bad_alloc();
        return ps::report{};
    });
}

}  // namespace
