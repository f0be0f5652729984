#include "head_reader.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace penstock::fetch_stage {
namespace {

head_reader read(std::initializer_list<std::string_view> lines, std::size_t max_size = 1000) {
    head_reader head(max_size);
    for (const auto line : lines) head.add(line);
    return head;
}
using enum head_reader::state;

TEST(head_reader, a_head_is_complete_with_its_empty_line) {
    EXPECT_EQ(read({"HTTP/1.1 200 OK\r\n", "A: b\r\n"}).now(), reading);
    const auto head = read({"HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n", "\r\n"});
    EXPECT_EQ(head.now(), complete);
    EXPECT_EQ(head.status(), 200);
    EXPECT_EQ(head.content_length(), 5U);
    EXPECT_EQ(head.text(), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
}

TEST(head_reader, H4_a_status_line_alone_is_no_head) { EXPECT_EQ(read({"HTTP/1.1 200 OK\r\n"}).now(), reading); }

TEST(head_reader, an_interim_answer_is_forgotten_when_the_true_one_comes) {
    const auto head = read({"HTTP/1.1 103 Early\r\n", "Location: /x\r\n", "\r\n", "HTTP/2 204\r\n", "\r\n"});
    EXPECT_EQ(head.now(), complete);
    EXPECT_EQ(head.status(), 204);
    EXPECT_EQ(head.location(), "");
    EXPECT_EQ(read({"HTTP/1.1 100 Continue\r\n", "\r\n"}).now(), reading);
}

TEST(head_reader, H9_interim_answers_count_towards_the_limit) {
    head_reader head(1000);
    for (int i = 0; i < 100; ++i) head.add("HTTP/1.1 100 Continue\r\n");
    EXPECT_EQ(head.now(), too_large);
}

TEST(head_reader, the_first_location_counts) {
    EXPECT_EQ(read({"HTTP/1.1 302 F\r\n", "lOcation:  /a b \r\n", "Location: /c\r\n", "\r\n"}).location(), "/a b");
}

TEST(head_reader, H5_lengths_that_contradict_are_refused) {
    EXPECT_EQ(read({"HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n", "content-length: 6\r\n"}).now(), contradictory);
    EXPECT_EQ(read({"HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n", "Content-Length: 5\r\n", "\r\n"}).now(), complete);
    EXPECT_EQ(
        read({"HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: gzip, Chunked\r\n", "\r\n"}).now(),
        contradictory);
    for (const char* value : {"99999999999999999999", "9223372036854775808", "-1", "0x10", "5, 6", "", "5 5"}) {
        EXPECT_EQ(read({"HTTP/1.1 200 OK\r\n", "Content-Length: " + std::string(value) + "\r\n"}).now(), contradictory)
            << value;
    }
}

TEST(head_reader, trailers_change_nothing) {
    const auto head =
        read({"HTTP/1.1 200 OK\r\n", "Transfer-Encoding: chunked\r\n", "\r\n", "Content-Length: 5\r\n", "\r\n"});
    EXPECT_EQ(head.now(), complete);
    EXPECT_EQ(head.text().find("Content-Length"), std::string::npos);
}

TEST(head_reader, an_odd_status_line_does_no_harm) {
    EXPECT_EQ(read({"HTTP/1.1\r\n", "\r\n"}).now(), reading);
    EXPECT_EQ(read({"HTTP/1.1 abc\r\n", "\r\n"}).status(), 0);
    EXPECT_EQ(read({"HTTP/1.1 999 What\r\n", "\r\n"}).status(), 999);
}

}  // namespace
}  // namespace penstock::fetch_stage
