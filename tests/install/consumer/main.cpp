// A user's program: it serves itself a page, and loads it.
#include <iostream>
#include <penstock/penstock.hpp>
#include <penstock/testing/http_server.hpp>
#include <string>

namespace ps = penstock;

struct word {
    std::string text;
};

int main(int, char** words) {
    ps::testing::http_server server(
        [](const ps::testing::http_request&) { return ps::testing::json(R"([{"text":"one"},{"text":"two"}])"); });
    auto table = ps::table("words", ps::column("text", &word::text).key());
    auto read = [](simdjson::ondemand::object o) { return word{std::string(std::string_view(o["text"]))}; };
    auto job = ps::from({server.url("/")}) | ps::fetch() | ps::parse("", read)
               | ps::store(ps::database(std::string("sqlite:") + words[1]), table, {.create_table = true});
    const ps::report done = job.run();
    std::cout << done << '\n';
    return done.clean() && done.rows() == 2 ? 0 : 1;
}
