// A job full of secrets that goes wrong in every way: none of them shows anywhere.
#include <fstream>
#include <sstream>

#include "job_fixture.hpp"
#include "penstock/client.hpp"
#include "penstock/stages/parse.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::record;

namespace {

const std::string marker = "hunter2-marker";

/// Of the two servers only one may be told the secrets; redirects lead to the other.
class secrets : public ps::testing::job_fixture {
protected:
    ps::testing::http_response answer(const ps::testing::http_request& asked) {
        const std::string& target = asked.target;
        if (target == "/away") return ps::testing::redirect(307, other_.url("/there"));
        if (target == "/named") return ps::testing::redirect(302, "http://user:" + marker + "@127.0.0.1/");
        if (target == "/cookie") {
            auto set = ps::testing::redirect(302, other_.url("/there"));
            set.headers.emplace_back("Set-Cookie", "session=" + marker + "; Path=/");
            return set;
        }
        if (target == "/cut") return {.body = "0123456789", .cut_body_after = 5};
        if (target == "/slow") return {.delay = 60s};
        if (target == "/busy") return {.status = 429, .headers = {{"Retry-After", "31536000"}}};
        if (target == "/raw") return {.close_after = true, .raw = "what is this\r\n\r\n"};
        if (target == "/good") return ps::testing::json(R"({"data":[{"id":1,"name":"one"}]})");
        return ps::testing::status(target == "/404" ? 404 : 500);
    }

    ps::testing::http_server other_{
        [](const ps::testing::http_request&) { return ps::testing::json(R"({"data":[{"id":2,"name":"two"}]})"); }};
    ps::testing::http_server server_{[this](const ps::testing::http_request& asked) { return answer(asked); }};
};

record read_record(simdjson::ondemand::object o) {
    return {std::int64_t(o["id"]), std::string(std::string_view(o["name"]))};
}

std::string text_of(const std::filesystem::path& file) {
    std::ostringstream all;
    all << std::ifstream(file).rdbuf();
    return all.str();
}

TEST_F(secrets, H11_H12_none_is_in_any_output_or_at_another_origin) {
    const std::string host = server_.url("").substr(7);
    std::vector<ps::request> requests;
    const auto ask = [&](const std::string& url) {
        requests.push_back(
            {.url = url,
             .headers = {
                 {"Authorization", "Bearer " + marker}, {"Cookie", "session=" + marker}, {"X-API-Key", marker}}});
    };
    for (const char* path : {"/good", "/away", "/named", "/cookie", "/cut", "/slow", "/busy", "/raw", "/404", "/500"}) {
        ask(server_.url(path));
    }
    ask("http://user:" + marker + "@" + host);
    ask("ftp://user:" + marker + "@127.0.0.1/");
    ask("user:" + marker + "@127.0.0.1");
    ask("http://127.0.0.1:1/closed");
    requests.push_back({.url = server_.url("/good"), .headers = {{"X-Bad", marker + "\r\nX: y"}}});
    requests.push_back({.url = server_.url("/good"), .headers = {{"Proxy-Authorization", marker}}});

    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const auto file = folder_ / "dead.ndjson";
    ps::pipeline job =
        ps::from(requests)
        | ps::fetch(
            {.timeout = 1s, .retries = 1, .backoff = 1ms, .max_backoff = 20ms, .headers = {{"X-Default-Key", marker}}})
        | ps::parse("/data", read_record) | ps::store(target(), records(), {.create_table = true});
    const ps::report done = ps::testing::settled_run(job, {.dead_letters = ps::ndjson(file)});
    std::ostringstream report;
    report << done << done.detail << done.first_dead;
    const std::string shown = ::testing::internal::GetCapturedStdout() + ::testing::internal::GetCapturedStderr();
    const std::string letters = text_of(file);
    EXPECT_EQ(std::count(letters.begin(), letters.end(), '\n'), 14) << letters;
    for (const std::string& output : {report.str(), shown, letters}) {
        EXPECT_EQ(output.find(marker), std::string::npos) << output;
    }

    // They did arrive where they belong, and nowhere else.
    EXPECT_EQ(server_.log().at(0).header("X-API-Key"), marker);
    EXPECT_EQ(server_.log().at(0).header("X-Default-Key"), marker);
    EXPECT_EQ(other_.requests(), 2U);
    for (const auto& asked : other_.log()) {
        for (const auto& [name, value] : asked.headers) EXPECT_EQ(value.find(marker), std::string::npos) << name;
    }
}

TEST_F(secrets, H11_what_a_client_knows_is_in_no_output) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const std::filesystem::path file = folder_ / "dead.ndjson";
    std::ostringstream said;
    std::uint64_t committed = 0;
    {
        ps::client_options options{.headers = {{"X-Default-Key", marker}},
                                   .auth = ps::basic_auth("me", marker),
                                   .cookies = true,
                                   .timeout = 1s,
                                   .retries = 1,
                                   .save_dir = folder_ / "pages"};
        options.fetching = {.backoff = 1ms, .max_backoff = 20ms};
        ps::client web(options);
        web.set_cookie(server_.url(), "session=" + marker);
        std::vector<ps::request> requests;
        for (const char* path : {"/good", "/away", "/named", "/cookie", "/cut", "/slow", "/busy", "/raw", "/404"}) {
            requests.push_back({.url = server_.url(path),
                                .method = "POST",
                                .body = ps::form_body({{"password", marker}}),
                                .idempotency_key = marker});
            requests.back().body.confidential = true;
        }
        requests.push_back({.url = server_.url("/good"), .auth = ps::bearer_auth(marker + '\n')});
        requests.push_back({.url = server_.url("/good"), .idempotency_key = marker + '\n'});
        requests.back().body.confidential = true;
        requests.push_back({.url = server_.url("/good"), .method = marker + ' '});
        for (const ps::request& asked : requests) {
            try {
                (void)web.send(asked);
            } catch (const ps::call_failed& failed) {
                said << failed.what() << '\n' << failed.why().reason << '\n';
            }
        }
        try {
            web.set_cookie(other_.url(), "a=" + marker + "; Domain=example.com");
        } catch (const ps::bad_option& refused) {
            said << refused.what() << '\n';
        }
        ps::pipeline job = ps::from(requests) | ps::fetch(web) | ps::parse("/data", read_record)
                           | ps::store(target(), records(), {.create_table = true});
        const ps::report done = ps::testing::settled_run(job, {.dead_letters = ps::ndjson(file)});
        said << job << done << done.detail << done.first_dead;
        committed = done.count(ps::outcome::committed);
    }
    said << ::testing::internal::GetCapturedStdout() << ::testing::internal::GetCapturedStderr() << text_of(file);
    for (const auto& saved : std::filesystem::directory_iterator(folder_ / "pages")) said << saved.path();
    EXPECT_EQ(committed, 2U) << said.str();
    EXPECT_EQ(said.str().find(marker), std::string::npos) << said.str();
    EXPECT_NE(said.str().find("idempotency_key has a line break"), std::string::npos) << said.str();

    EXPECT_EQ(server_.log().at(0).header("Cookie"), "session=" + marker);
    EXPECT_EQ(server_.log().at(0).body, "password=" + marker);
    EXPECT_GT(other_.requests(), 0U) << "a redirect with 302 leads there";
    for (const auto& asked : other_.log()) {
        EXPECT_EQ(asked.body, "");
        for (const auto& [name, value] : asked.headers) EXPECT_EQ(value.find(marker), std::string::npos) << name;
    }
}

TEST_F(secrets, H12_a_refused_option_does_not_show_them) {
    try {
        (void)(ps::from(std::vector<std::string>{"http://127.0.0.1/"})
               | ps::fetch({.headers = {{"X-Key", marker + "\n"}}}));
        FAIL() << "it was taken";
    } catch (const ps::bad_option& refused) {
        EXPECT_EQ(std::string(refused.what()).find(marker), std::string::npos) << refused.what();
    }
}

}  // namespace
