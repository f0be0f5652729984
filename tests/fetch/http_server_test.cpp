#include "http_client.hpp"

namespace {

using namespace std::chrono_literals;
using namespace penstock::testing;

TEST(http_server, a_page_arrives_with_status_headers_and_body) {
    const http_server server(always(json("{}")));
    EXPECT_EQ(server.url("/a"), "http://127.0.0.1:" + std::to_string(server.port()) + "/a");
    raw_client client(server);
    client.send(get);
    EXPECT_EQ(client.read_until("{}"),
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
    EXPECT_EQ(fetch(server.url()).body, "{}");
}

TEST(http_server, the_handler_sees_the_request_and_its_place) {
    const http_server server([](const http_request& request) {
        return text(request.method + " " + request.target + " " + request.body + " "
                    + std::string(request.header("x-key").value_or("none")) + " " + std::to_string(request.connection)
                    + "." + std::to_string(request.ordinal));
    });
    raw_client first(server);
    first.send("PUT /a?b HTTP/1.1\r\nX-KEY:  v \r\nContent-Length: 4\r\n\r\nbody");
    EXPECT_TRUE(first.read_until("1.1").ends_with("PUT /a?b body v 1.1"));
    first.send(get);
    EXPECT_TRUE(first.read_until("1.2").ends_with("GET /  none 1.2"));
    raw_client second(server);
    second.send(get);
    EXPECT_TRUE(second.read_until("2.1").ends_with("none 2.1"));
}

TEST(http_server, pipelined_requests_are_answered_in_order) {
    const http_server server([](const http_request& request) {
        http_response response = text("<" + request.target + ">");
        response.delay = request.ordinal == 1 ? 20ms : 0ms;
        return response;
    });
    raw_client client(server);
    std::string requests;
    std::string expected;
    for (int ordinal = 1; ordinal <= 1'000; ++ordinal) {
        requests += "GET /" + std::to_string(ordinal) + " HTTP/1.1\r\n\r\n";
        expected += "</" + std::to_string(ordinal) + ">";
    }
    const auto start = std::chrono::steady_clock::now();
    client.send(requests);
    std::string bodies;
    std::string all = client.read_until("</1000>");
    for (auto at = all.find('<'); at != std::string::npos; at = all.find('<', at + 1)) {
        bodies += all.substr(at, all.find('>', at) - at + 1);
    }
    EXPECT_EQ(bodies, expected);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
    EXPECT_EQ(server.requests(), 1'000u);
    EXPECT_EQ(server.peak_concurrent_requests(), 1u);
}

TEST(http_server, a_request_may_come_byte_by_byte) {
    const http_server server(always(text("done")));
    raw_client client(server);
    for (const char byte : "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nab" + std::string("c")) {
        client.send(std::string(1, byte));
    }
    EXPECT_TRUE(client.read_until("done").ends_with("done"));
    EXPECT_EQ(server.log().at(0).body, "abc");
}

TEST(http_server, a_large_upload_is_told_to_continue) {
    const http_server server([](const http_request& request) { return text(std::to_string(request.body.size())); });
    EXPECT_EQ(fetch(server.url(), std::string(3'000'000, 'x')).body, "3000000");
}

TEST(http_server, a_thousand_delayed_answers_wait_at_the_same_time) {
    ::rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    const std::size_t count = limit.rlim_cur > 2'500 ? 1'000 : 400;
    const http_server server(always({.delay = 1h}));
    {
        std::vector<raw_client> clients;
        for (std::size_t index = 0; index < count; ++index) {
            clients.emplace_back(server).send(get);
        }
        EXPECT_TRUE(eventually([&] { return server.requests() == count; }));
        EXPECT_EQ(server.open_connections(), count);
        EXPECT_EQ(server.peak_concurrent_requests(), count);
    }
    EXPECT_TRUE(eventually([&] { return server.open_connections() == 0; }));
    EXPECT_EQ(server.connections(), count);
}

TEST(http_server, a_handler_that_throws_makes_a_500) {
    const http_server server([](const http_request& request) -> http_response {
        if (request.target == "/int") {
            throw 1;
        }
        throw std::runtime_error("why");
    });
    EXPECT_EQ(fetch(server.url()).body, "why");
    EXPECT_EQ(fetch(server.url("/int")).status, 500);
}

TEST(http_server, the_framing_says_where_the_body_ends) {
    const auto chunked =
        answer_to_the_end({.body = "ab", .body_repeat = 2, .framing = http_framing::chunked, .close_after = true});
    EXPECT_TRUE(chunked.first.ends_with("\r\n\r\n2\r\nab\r\n2\r\nab\r\n0\r\n\r\n"));
    const auto closed = answer_to_the_end({.body = "ab", .framing = http_framing::close_delimited});
    EXPECT_EQ(closed.first, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab");
    EXPECT_EQ(closed.second, 0);
    const http_server server(
        always({.body = std::string(300'000, 'x'), .body_repeat = 3, .framing = http_framing::chunked}));
    EXPECT_EQ(fetch(server.url()).body, std::string(900'000, 'x'));
}

TEST(http_server, a_redirect_leads_a_client_on) {
    const http_server server(
        [](const http_request& request) { return request.target == "/" ? redirect(302, "/next?x") : text("there"); });
    EXPECT_EQ(fetch(server.url()).body, "there");
    EXPECT_EQ(server.requests("/next?x"), 1u);
    EXPECT_EQ(server.requests("/next"), 0u);
}

TEST(http_server, head_and_empty_statuses_have_no_body) {
    const http_server server(
        [](const http_request& request) { return request.method == "HEAD" ? json("abc") : status(204); });
    raw_client client(server);
    client.send("HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.read_to_end(),
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n"
              "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST(http_server, an_unreadable_request_is_refused_and_not_counted) {
    const http_server server(always({}));
    for (const auto& [request, answer] : std::vector<std::pair<std::string, std::string>>{
             {"nonsense\r\n\r\n", "HTTP/1.1 400"},
             {"GET / HTTP/1.1\r\na: b\nc: d\r\n\r\n", "HTTP/1.1 400"},
             {"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400"},
             {"GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 413"},
             {"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 501"},
             {"GET /" + std::string(1'500'000, 'a'), "HTTP/1.1 431"}}) {
        raw_client client(server);
        client.send(request);
        EXPECT_TRUE(client.read_to_end().starts_with(answer)) << request.substr(0, 60);
        EXPECT_EQ(client.error, 0);
    }
    EXPECT_EQ(server.requests(), 0u);
}

TEST(http_server, the_log_keeps_the_newest_ten_thousand) {
    const http_server server(always({}));
    std::string thousand;
    for (int count = 0; count < 1'000; ++count) {
        thousand += get;
    }
    raw_client client(server);
    std::thread sender([&] {
        for (int round = 0; round < 10; ++round) {
            client.send(thousand);
        }
        client.send("GET /last HTTP/1.1\r\nConnection: close\r\n\r\n");
    });
    client.read_to_end();
    sender.join();
    const auto log = server.log();
    ASSERT_EQ(log.size(), 10'000u);
    EXPECT_EQ(log.front().ordinal, 2u);
    EXPECT_EQ(log.back().target, "/last");
}

TEST(http_server, a_folder_is_served_and_not_what_lies_outside) {
    const auto folder =
        std::filesystem::temp_directory_path() / ("penstock_http_server_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder / "in");
    std::ofstream(folder / "secret.json") << "secret";
    std::ofstream(folder / "in" / "a b.json") << "[1]";
    {
        const http_server server(serve_folder(folder / "in"));
        EXPECT_EQ(fetch(server.url("/a%20b.json?page=1")).body, "[1]");
        for (const auto* const path : {"/none.json", "/", "/%2e%2e/secret.json", "/%00", "/%4"}) {
            EXPECT_EQ(fetch(server.url(path)).status, 404) << path;
        }
        raw_client client(server);
        client.send("GET /../secret.json HTTP/1.0\r\n\r\n");
        EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 404"));
        EXPECT_EQ(fetch(server.url("/a%20b.json"), "posted").status, 405);
    }
    std::filesystem::remove_all(folder);
    EXPECT_THROW(static_cast<void>(serve_folder(folder)), std::invalid_argument);
}

}  // namespace
