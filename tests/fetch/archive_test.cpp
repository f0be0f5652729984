// Bodies that are kept in files, to look into.
#include "penstock/archive.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>

#include "penstock/client.hpp"
#include "penstock/errors.hpp"
#include "tests/temporary_folder.hpp"
#include "working_fetch.hpp"

namespace penstock::testing {
namespace {

TEST(archive, pages_can_be_saved_for_their_owner_alone) {
    http_server server([](const http_request& asked) {
        return asked.target == "/long" ? text(std::string(2'000'000, 'x')) : json("{}");
    });
    const temporary_folder folder;
    client_options options{.save_dir = folder / "pages"};
    client web(options);
    (void)web.get(server.url("/a/../..%2Fetc/passwd?token=marker"));
    (void)web.get(server.url("/long"));
    std::map<std::string, std::filesystem::path> files;
    for (const auto& one : std::filesystem::directory_iterator(folder / "pages")) {
        files[one.path().filename().string()] = one.path();
        struct ::stat about {};
        ASSERT_EQ(::stat(one.path().c_str(), &about), 0);
        EXPECT_EQ(about.st_mode & 0777U, 0600U);
        EXPECT_FALSE(contains(one.path().string(), "marker"));
    }
    ASSERT_EQ(files.size(), 2U);
    EXPECT_TRUE(files.begin()->first.starts_with("000001-127.0.0.1_")) << files.begin()->first;
    EXPECT_TRUE(files.begin()->first.ends_with(".json")) << files.begin()->first;
    EXPECT_EQ(std::filesystem::file_size(files.begin()->second), 2U);
    EXPECT_EQ(std::filesystem::file_size(files.rbegin()->second), std::size_t{1} << 20);
}

TEST(archive, a_page_that_cannot_be_saved_is_handed_over_all_the_same) {
    http_server server([](const http_request&) { return text("whole"); });
    const temporary_folder folder;
    client_options options{.save_dir = folder / "pages"};
    client web(options);
    std::filesystem::remove_all(folder / "pages");
    EXPECT_EQ(web.get(server.url()).body(), "whole");
    std::ofstream(folder / "file") << "x";
    options.save_dir = folder / "file";
    EXPECT_THROW(client{options}, bad_option);
}

TEST(archive, a_page_that_the_disk_has_no_room_for_leaves_no_file_behind) {
    const temporary_folder folder;
    const archive pages(folder / "pages");
    const page large("http://h/x", std::string(1000, 'x'));
    const auto before = std::signal(SIGXFSZ, SIG_IGN);
    ::rlimit most{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &most), 0);
    const ::rlimit little{100, most.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
    EXPECT_THROW((void)pages.save(large), std::system_error);
    ::setrlimit(RLIMIT_FSIZE, &most);
    std::signal(SIGXFSZ, before);
    EXPECT_TRUE(std::filesystem::is_empty(folder / "pages"));
    EXPECT_EQ(std::filesystem::file_size(pages.save(large)), 1000U);
}

}  // namespace
}  // namespace penstock::testing
