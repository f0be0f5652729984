// Serves a folder over HTTP on a port of 127.0.0.1 that the system chooses, until its standard input ends. Prints the
// address first. For the examples and for trying penstock out; not a web server for anything else.
#include <CLI/CLI.hpp>
#include <iostream>
#include <penstock/testing/http_server.hpp>
#include <string>

int main(int count, char** words) {
    std::string folder = ".";
    CLI::App app("Serves a folder over HTTP on 127.0.0.1 until its standard input ends.");
    app.add_option("folder", folder)->check(CLI::ExistingDirectory)->capture_default_str();
    CLI11_PARSE(app, count, words);

    penstock::testing::http_server server(penstock::testing::serve_folder(folder));
    std::cout << server.url("/") << std::endl;
    std::string ignored;
    while (std::getline(std::cin, ignored)) {
    }
    std::cerr << server.requests() << " requests on " << server.connections() << " connections\n";
}
