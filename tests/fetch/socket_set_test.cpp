#include "socket_set.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "unique_fd.hpp"

namespace penstock::fetch_stage {
namespace {

using namespace std::chrono_literals;

TEST(socket_set, a_socket_that_was_closed_is_forgotten_also_if_a_child_process_still_has_it) {
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    const unique_fd of_child(::dup(pair[0]));
    socket_set sockets;
    sockets.opened(pair[0]);
    sockets.watch(pair[0], CURL_POLL_IN, 0);
    sockets.watch(pair[0], CURL_POLL_REMOVE, 0);  // It rests.
    sockets.closed(pair[0]);
    ::close(pair[0]);
    ::close(pair[1]);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(sockets.wait(50ms).empty());
    EXPECT_GE(std::chrono::steady_clock::now() - began, 49ms) << "it was told of the peer's end";
}

}  // namespace
}  // namespace penstock::fetch_stage
