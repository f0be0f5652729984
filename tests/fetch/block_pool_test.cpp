#include "block_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "penstock/padded_bytes.hpp"
#include "penstock/page.hpp"

namespace penstock::detail {
namespace {

TEST(block_pool, a_block_that_came_back_is_taken_again) {
    const auto pool = block_pool::make();
    owned_block one = pool->take(100);
    EXPECT_GE(one->capacity, 100U);
    const byte_block* const first = one.get();
    one.reset();
    one = pool->take(2000);
    EXPECT_EQ(one.get(), first);
    EXPECT_NE(pool->take(2000).get(), first);
}

TEST(block_pool, a_block_is_no_more_than_twice_as_large_as_need_be) {
    const auto pool = block_pool::make();
    for (std::size_t wanted = block_pool::smallest; wanted < 4 * block_pool::largest; wanted += 777) {
        const owned_block one = pool->take(wanted);
        EXPECT_GE(one->capacity, wanted);
        EXPECT_LE(one->capacity, 2 * wanted);
    }
}

TEST(block_pool, it_keeps_no_more_than_it_may) {
    const auto pool = block_pool::make();
    std::vector<owned_block> many;
    for (std::size_t i = 0; i < 2 * block_pool::most_kept / block_pool::largest; ++i) {
        many.push_back(pool->take(block_pool::largest / 2));
    }
    many.clear();
    (void)pool->take(1);  // Only now are they looked through.
    EXPECT_GT(pool->bytes_kept(), block_pool::most_kept / 2);
    EXPECT_LE(pool->bytes_kept(), block_pool::most_kept);
}

TEST(block_pool, blocks_outlive_their_pool) {
    auto pool = block_pool::make();
    const page kept({.status = 200, .url = "u", .tag = "t", .head = "h", .body = padded_bytes(pool->take(10))});
    std::vector<owned_block> others;
    for (int i = 0; i < 10; ++i) others.push_back(pool->take(10));
    others.resize(5);
    pool.reset();
    EXPECT_EQ(kept.url(), "u");
    others.clear();  // The sanitizers see to it that nothing is lost and nothing is touched too late.
}

TEST(block_pool, many_threads_give_back_while_the_owner_takes_and_leaves) {
    constexpr int givers = 3;
    constexpr int rounds = 2000;
    std::vector<std::atomic<byte_block*>> hands(givers);
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (auto& hand : hands) {
        threads.emplace_back([&] {
            while (!over || hand.load() != nullptr) {
                owned_block one(hand.exchange(nullptr));
                if (one) one->bytes()[0] = 'x';
            }
        });
    }
    auto pool = block_pool::make();
    for (int i = 0; i < rounds; ++i) {
        owned_block one = pool->take(100);
        one->bytes()[0] = 'y';
        one.reset(hands[static_cast<std::size_t>(i) % givers].exchange(one.release()));
    }
    pool.reset();
    over = true;
    for (auto& thread : threads) thread.join();
}

TEST(page, its_texts_lie_behind_its_body_and_move_with_it) {
    for (const std::size_t size : {0, 1, 5000, 300'000}) {
        const std::string body(size, 'b');
        page one({.status = 201,
                  .url = "http://h/",
                  .tag = "mine",
                  .head = "HTTP/1.1 201\r\nX: 1\r\n\r\n",
                  .body = padded_bytes(body)});
        const page other = std::move(one);
        EXPECT_EQ(other.body(), body);
        EXPECT_EQ(std::string_view(other.bytes().data() + size, padded_bytes::padding),
                  std::string_view(std::string(padded_bytes::padding, '\0')));
        EXPECT_EQ(other.url(), "http://h/");
        EXPECT_EQ(other.tag(), "mine");
        EXPECT_EQ(other.head(), "HTTP/1.1 201\r\nX: 1\r\n\r\n");
        EXPECT_EQ(other.status(), 201);
        EXPECT_EQ(one.url(), "");   // NOLINT(bugprone-use-after-move)
        EXPECT_EQ(one.body(), "");  // NOLINT(bugprone-use-after-move)
    }
}

TEST(page, a_header_is_found_by_its_name) {
    const page one({.url = {},
                    .tag = {},
                    .head = "HTTP/1.1 200 OK\r\nContent-Type:  text/x \r\nX:1\r\nX:2\r\nE:\r\n\r\n",
                    .body = {}});
    EXPECT_EQ(one.header("content-type"), "text/x");
    EXPECT_EQ(one.header("X"), "1");
    EXPECT_EQ(one.header("E"), "");
    EXPECT_EQ(one.header("Content"), "");
    EXPECT_EQ(page().header("X"), "");
}

}  // namespace
}  // namespace penstock::detail
