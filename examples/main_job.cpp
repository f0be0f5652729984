// The main job: fetch the pages of a list of URLs, parse their JSON in parallel, store the rows.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <optional>
#include <penstock/penstock.hpp>
#include <string>

namespace ps = penstock;

struct language {
    std::string code;
    std::string name;
    std::string scope;
    std::string type;
    std::optional<std::string> inverted_name;
};

std::optional<std::string> text_or_null(simdjson::simdjson_result<simdjson::ondemand::value> field) {
    if (field.error() == simdjson::NO_SUCH_FIELD) return std::nullopt;
    return std::string(std::string_view(field.get_string()));
}

std::string text(simdjson::simdjson_result<simdjson::ondemand::value> field) {
    return std::string(std::string_view(field.get_string()));
}

language read_language(simdjson::ondemand::object o) {
    return {.code = text(o["alpha_3"]),
            .name = text(o["name"]),
            .scope = text(o["scope"]),
            .type = text(o["type"]),
            .inverted_name = text_or_null(o["inverted_name"])};
}

struct subdivision {
    std::string code;
    std::string name;
    std::string type;
    std::optional<std::string> parent;
};

subdivision read_subdivision(simdjson::ondemand::object o) {
    return {
        .code = text(o["code"]), .name = text(o["name"]), .type = text(o["type"]), .parent = text_or_null(o["parent"])};
}

void show(const ps::metrics_snapshot& now) {
    std::fprintf(
        stderr, "%8llu fetched, %8llu settled, %6llu in flight\n", static_cast<unsigned long long>(now.fetch.pages),
        static_cast<unsigned long long>(now.taken - now.in_flight()), static_cast<unsigned long long>(now.in_flight()));
}

int main(int count, char** words) {
    std::string what = "languages";
    std::string urls = "urls.txt";
    std::string into = "sqlite:penstock.db";
    std::string rejects = "rejects.ndjson";
    ps::fetch_options fetching;
    ps::run_options running;

    CLI::App app("Loads ISO codes from JSON pages into a database.");
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    app.add_option("--what", what, "languages or subdivisions")->check(CLI::IsMember({"languages", "subdivisions"}));
    app.add_option("--urls", urls, "a file with a URL a line; - for the standard input")->capture_default_str();
    app.add_option("--into", into, "the database: sqlite:FILE or postgresql://...")->capture_default_str();
    app.add_option("--rejects", rejects, "the file for dead letters")->capture_default_str();
    app.add_option("--queue-size", running.queue_size, "items in flight at most")->capture_default_str();
    app.add_option("--max-workers", running.max_workers, "TBB workers at most")->capture_default_str();
    app.add_option("--connections", fetching.connections_per_host, "to one host at a time")->capture_default_str();
    CLI11_PARSE(app, count, words);

    // clang-format off: a column, and a piece of the chain, a line.
    auto languages =
        ps::table("languages", ps::column("code", &language::code).key(), ps::column("name", &language::name),
                  ps::column("scope", &language::scope), ps::column("type", &language::type),
                  ps::column("inverted_name", &language::inverted_name));
    auto subdivisions =
        ps::table("subdivisions", ps::column("code", &subdivision::code).key(), ps::column("name", &subdivision::name),
                  ps::column("type", &subdivision::type), ps::column("parent", &subdivision::parent));
    try {
        auto to_languages =
            ps::parse("/data", read_language) | ps::store(ps::database(into), languages, {.create_table = true});
        auto to_subdivisions =
            ps::parse("/data", read_subdivision) | ps::store(ps::database(into), subdivisions, {.create_table = true});
        auto pages = ps::lines(urls) | ps::fetch(fetching);
        auto job = what == "languages" ? std::move(pages) | to_languages : std::move(pages) | to_subdivisions;
        // clang-format on
        running.dead_letters = ps::ndjson(rejects);
        running.progress = show;
        running.progress_every = std::chrono::milliseconds(20);
        const ps::report done = job.run(running);
        std::cout << job << '\n' << done << '\n';
        return done.clean() ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << "main_job: " << error.what() << '\n';
        return 2;
    }
}
