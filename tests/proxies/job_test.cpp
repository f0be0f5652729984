// Whole jobs through proxies, good and bad.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "dead_port.hpp"
#include "faulty_proxy.hpp"
#include "penstock/stages/parse.hpp"
#include "tests/jobs/job_fixture.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::faulty_proxy;
using ps::testing::manner;

namespace {

const std::string marker = "hunter2-marker";

class a_job_through_proxies : public ps::testing::job_fixture {
protected:
    a_job_through_proxies() {
        const std::string trap = trap_.url("");
        for (const char* name : {"http_proxy", "https_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"}) {
            ::setenv(name, trap.c_str(), 1);
        }
        ::setenv("no_proxy", "*", 1);
        ::setenv("NO_PROXY", "*", 1);
    }

    static ps::testing::record read_record(const ps::page& from) {
        return {number_in(from.url()), std::string(from.body())};
    }

    std::vector<std::string> urls(int count) {
        std::vector<std::string> all;
        for (int i = 0; i < count; ++i) all.push_back(server_.url("/" + std::to_string(i)));
        return all;
    }
    static std::int64_t number_in(std::string_view url) { return ps::testing::number_in(url); }

    ps::pipeline job(std::vector<std::string> all, ps::fetch_options options) {
        return ps::from(std::move(all)) | ps::fetch(std::move(options)) | ps::parse(read_record)
               | ps::store(target(), records(), {.create_table = true});
    }

    /// Whoever comes here went directly, or where the environment sends it.
    ps::testing::http_server trap_{[](const ps::testing::http_request&) { return ps::testing::text("trap"); }};
    ps::testing::http_server server_{
        [](const ps::testing::http_request& asked) { return ps::testing::text(asked.target); }};
};

ps::fetch_options quick(std::vector<ps::proxy> proxies) {
    ps::fetch_options options{.timeout = 20s, .connect_timeout = 2s, .backoff = 5ms, .max_backoff = 20ms};
    options.proxies = std::move(proxies);
    options.proxying.tunnel = true;
    return options;
}

TEST_F(a_job_through_proxies, X1_X3_X4_stores_everything_though_six_of_ten_are_broken_and_one_is_captive) {
    // Each asks for a login that must not show anywhere.
    const std::string login = "user:" + marker;
    std::vector<std::unique_ptr<faulty_proxy>> owners;
    std::vector<ps::proxy> proxies;
    const auto add = [&](manner how, const char* scheme) {
        owners.push_back(std::make_unique<faulty_proxy>(how));
        proxies.emplace_back(owners.back()->url(scheme, login));
    };
    add(manner::refuses_login, "http");
    add(manner::silent, "http");
    add(manner::cuts_connect, "http");
    add(manner::refuses, "http");
    add(manner::socks_refuses, "socks5h");
    const ps::testing::dead_port dead;
    proxies.emplace_back(dead.url("http", login));
    add(manner::captive, "http");
    for (int i = 0; i < 3; ++i) add(manner::good, i == 2 ? "socks5h" : "http");

    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const auto file = folder_ / "dead.ndjson";
    ps::metrics figures;
    ps::pipeline work = job(urls(500), quick(proxies));
    const ps::report done =
        ps::testing::settled_run(work, {.queue_size = 50, .metrics = &figures, .dead_letters = ps::ndjson(file)});
    std::ostringstream report;
    report << done << done.first_dead;
    std::ostringstream letters;
    letters << std::ifstream(file).rdbuf();
    const std::string shown = ::testing::internal::GetCapturedStdout() + ::testing::internal::GetCapturedStderr();

    EXPECT_TRUE(done.clean()) << done;
    EXPECT_EQ(rows_seen(), 500);
    EXPECT_EQ(ask("SELECT count(*) FROM records WHERE name = '/' || id"), 500);
    EXPECT_EQ(done.figures.fetch.breaker_opened, 0U) << done;
    EXPECT_FALSE(figures.is_target_unhealthy(server_.url("/1")));
    EXPECT_EQ(trap_.connections(), 0U);
    std::size_t granted = 0;
    for (std::size_t i = 0; i < 10; ++i) {
        const ps::proxy_figures& one = done.figures.fetch.proxies.at(i);
        EXPECT_EQ(one.answers == 0, i < 7) << one.proxy;
        EXPECT_EQ(one.lockouts > 0, i < 7) << one.proxy;
        EXPECT_TRUE(one.proxy.find('@') == std::string::npos) << one.proxy;
    }
    // No connection came to the server but those that the proxies made.
    for (std::size_t i = 6; i < owners.size(); ++i) granted += owners[i]->asked();
    EXPECT_LE(server_.connections(), granted);
    for (const std::string& output : {report.str(), letters.str(), shown}) {
        EXPECT_EQ(output.find(marker), std::string::npos) << output;
    }
    EXPECT_EQ(owners.back()->tunnels().at(0).user, login);  // It did go where it belongs.
}

TEST_F(a_job_through_proxies, X2_ends_with_no_usable_proxy_when_all_are_dead_and_never_goes_directly) {
    const std::array<ps::testing::dead_port, 3> dead;
    std::vector<ps::proxy> proxies;
    for (std::size_t i = 0; i < 3; ++i) {
        proxies.emplace_back(dead[i].url(i == 0 ? "socks5h" : "http", "user:" + marker));
    }
    ps::pipeline work = job(urls(100), quick(proxies));
    try {
        (void)work.run({.queue_size = 20, .dead_letters = letters()});
        ADD_FAILURE() << "it did not fail";
    } catch (const ps::run_failed& failed) {
        const ps::report& done = failed.report();
        ps::testing::expect_settled(done);
        EXPECT_EQ(done.reason, ps::end_reason::no_usable_proxy) << done;
        EXPECT_NE(done.detail.find("all 3 are locked out, for at least"), std::string::npos) << done.detail;
        EXPECT_GE(done.count(ps::outcome::dead), 1U) << done;
        EXPECT_EQ(std::string(failed.what()).find(marker), std::string::npos) << failed.what();
    }
    EXPECT_EQ(server_.connections(), 0U);
    EXPECT_EQ(trap_.connections(), 0U);
    for (const auto& [origin, letter] : letters_) {
        EXPECT_EQ(letter.kind, ps::error_kind::proxy) << letter.reason;
        EXPECT_EQ(letter.reason.find(marker), std::string::npos) << letter.reason;
        EXPECT_EQ(letter.proxy.find(marker), std::string::npos) << letter.proxy;
    }
}

TEST_F(a_job_through_proxies, X3_without_any_ignores_those_of_the_environment) {
    ps::fetch_options options = quick({});
    const ps::report done = ps::testing::settled_run(job(urls(10), options));
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_EQ(rows_seen(), 10);
    EXPECT_EQ(trap_.connections(), 0U);
}

TEST_F(a_job_through_proxies, X4_no_error_shows_a_password) {
    faulty_proxy bad(manner::refuses_login);
    std::vector<ps::dead_letter> all;
    ps::fetch_options options =
        quick({bad.url("http", "user:" + marker), ps::proxy("http://no-such-host.invalid:1", marker, marker),
               ps::proxy("socks5://127.0.0.1:1", "user", marker)});
    options.proxying.max_faults = 1000;
    options.retries = 1;
    ::testing::internal::CaptureStderr();
    const ps::report done = ps::testing::settled_run(
        job(urls(5), options), {.dead_letters = [&](const ps::dead_letter& letter) { all.push_back(letter); }});
    std::ostringstream report;
    report << done << ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(all.size(), 5U) << done;
    for (const ps::dead_letter& letter : all) {
        EXPECT_EQ(letter.kind, ps::error_kind::proxy) << letter.reason;
        EXPECT_NE(letter.proxy, "");
        report << letter.reason << letter.proxy << letter.origin;
    }
    EXPECT_EQ(report.str().find(marker), std::string::npos) << report.str();
}

TEST_F(a_job_through_proxies, X5_believes_a_proxy_that_answers_for_a_target_of_plain_http) {
    // What it says cannot be told from what the target says, unless there is a tunnel.
    faulty_proxy liar(manner::captive);
    ps::fetch_options options = quick({liar.url()});
    options.proxying.tunnel = false;
    const ps::report lied = ps::testing::settled_run(job(urls(1), options));
    EXPECT_EQ(lied.count(ps::outcome::committed), 1U) << lied;
    EXPECT_EQ(ask("SELECT count(*) FROM records WHERE name LIKE '<html>%'"), 1);
    options.proxying.tunnel = true;
    const ps::report caught = ps::testing::settled_run(job(urls(1), options));
    EXPECT_EQ(caught.count(ps::outcome::dead), 1U) << caught;
}

}  // namespace
