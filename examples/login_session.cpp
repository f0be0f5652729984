// Log in with a client, look at one page, then fetch many through a pipeline on the same session.
#include <future>
#include <iostream>
#include <penstock/penstock.hpp>
#include <penstock/testing/http_server.hpp>
#include <string>
#include <vector>

namespace ps = penstock;

struct article {
    std::int64_t id;
    std::string name;
};

article read_article(simdjson::ondemand::object o) {
    return {std::int64_t(o["id"]), std::string(std::string_view(o["name"]))};
}

/// A portal that shows its articles to those who have logged in.
ps::testing::http_response portal(const ps::testing::http_request& asked) {
    if (asked.target == "/login") {
        if (asked.method != "POST" || asked.body != "user=me&password=open+sesame") return ps::testing::status(401);
        ps::testing::http_response welcome = ps::testing::text("welcome");
        welcome.headers.emplace_back("Set-Cookie", "session=17; Path=/; HttpOnly");
        return welcome;
    }
    if (asked.header("Cookie") != "session=17") return ps::testing::status(403);
    const std::string id = asked.target.substr(asked.target.rfind('/') + 1);
    return ps::testing::json(R"({"id":)" + id + R"(,"name":"article )" + id + "\"}");
}

int main() {
    ps::testing::http_server server(portal);
    ps::client web({.headers = {{"User-Agent", "my-shop/1.0"}}, .cookies = true, .timeout = std::chrono::seconds(120)});
    try {
        web.get(server.url("/item/1"));
    } catch (const ps::call_failed& failed) {
        std::cout << (ps::is_blocked(failed.why()) ? "not yet: " : "strange: ") << failed.why().status << '\n';
    }

    web.post(server.url("/login"), ps::form_body({{"user", "me"}, {"password", "open sesame"}}));
    std::future<ps::page> many = web.async_get(server.url("/item/2"));
    const ps::page one = web.get(server.url("/item/1"));
    std::cout << ps::read_json(one, "", read_article).at(0).name << '\n'
              << ps::read_json(many.get(), "", read_article).at(0).name << '\n';

    std::vector<ps::request> requests;
    for (int id = 3; id <= 12; ++id) requests.push_back({.url = server.url("/item/" + std::to_string(id))});
    std::int64_t sum = 0;
    ps::pipeline job = ps::from(requests) | ps::fetch(web) | ps::parse("", read_article)
                       | ps::serial("sum", [&sum](const std::vector<article>& all) {
                             for (const article& a : all) sum += a.id;
                         });
    const ps::report done = job.run();
    std::cout << "sum of ids " << sum << '\n' << done << '\n';
    return done.clean() ? 0 : 1;
}
