#include "curl_memory.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/sanitizer.hpp"

namespace penstock::fetch_stage {
namespace {

constexpr std::size_t plenty = std::size_t{1} << 20;

// Sizes that glibc's blocks have: with a sanitizer a block has just what was asked for.
constexpr std::size_t small = 72;
constexpr std::size_t buffer = 16'392;

/// As many as a `curl_memory` remembers without having looked at them.
constexpr std::size_t just_freed = 16;

std::vector<void*> blocks_of(std::size_t size, std::size_t count) {
    std::vector<void*> blocks;
    while (blocks.size() < count) blocks.push_back(curl_memory::allocate(size));
    return blocks;
}

void release(const std::vector<void*>& blocks) {
    for (void* const block : blocks) curl_memory::release(block);
}

/// So that what was freed before is looked at.
void release_some_others() { release(blocks_of(100'000, just_freed)); }

TEST(curl_memory, fits_the_malloc_of_glibc_and_none_of_a_sanitizer) {
    EXPECT_EQ(curl_memory::fits_malloc(), !testing::is_sanitized);
}

TEST(curl_memory, what_is_freed_is_given_out_again) {
    curl_memory memory(plenty);
    const std::vector<void*> first = blocks_of(small, 100);
    release(first);
    EXPECT_GE(memory.kept(), (first.size() - just_freed) * small);
    const std::set<void*> seen(first.begin(), first.end());
    const std::vector<void*> second = blocks_of(small, first.size());
    EXPECT_GE(std::ranges::count_if(second, [&](void* block) { return seen.contains(block); }),
              std::ptrdiff_t(first.size() / 2));  // Some may have turned out larger than they had to be.
    EXPECT_LT(memory.kept(), first.size() / 2 * small);
    release(second);
}

TEST(curl_memory, a_block_has_the_room_that_was_asked_for_and_is_at_no_other_address_in_use) {
    curl_memory memory(plenty);
    std::uint32_t dice = 7;
    const auto roll = [&dice] { return dice = dice * 1664525 + 1013904223; };
    struct held {
        char* at;
        std::size_t size;
        char filled_with;
    };
    std::vector<held> in_use;
    const auto check = [](const held& one) {
        for (std::size_t i = 0; i < one.size; ++i) ASSERT_EQ(one.at[i], one.filled_with);
    };
    for (int turn = 0; turn < 20'000; ++turn) {
        const std::size_t size = 1 + (roll() % 100 == 0 ? roll() % 60'000 : roll() % 300);
        const char filled_with = static_cast<char>(roll() >> 24);
        if (in_use.size() > 200 || (!in_use.empty() && (roll() >> 30) == 0)) {
            std::swap(in_use[roll() % in_use.size()], in_use.back());
            check(in_use.back());
            held one = in_use.back();
            in_use.pop_back();
            if ((roll() >> 30) == 0) {
                one.at = static_cast<char*>(curl_memory::resize(one.at, size));
                one.size = std::min(one.size, size);
                check(one);
                one.size = size;
            } else {
                curl_memory::release(one.at);
                one = {static_cast<char*>(curl_memory::allocate_zeroed(size, 1)), size, '\0'};
                check(one);
            }
            std::memset(one.at, one.filled_with = filled_with, one.size);
            in_use.push_back(one);
        } else {
            in_use.push_back({static_cast<char*>(curl_memory::allocate(size)), size, filled_with});
            ASSERT_GE(malloc_usable_size(in_use.back().at), size);
            std::memset(in_use.back().at, filled_with, size);
        }
    }
    for (const held& one : in_use) {
        check(one);
        curl_memory::release(one.at);
    }
}

TEST(curl_memory, no_more_is_kept_than_it_may) {
    curl_memory memory(10'000);
    release(blocks_of(small, 1000));
    release_some_others();
    EXPECT_LE(memory.kept(), 10'000U);
    EXPECT_GE(memory.kept(), 9'000U);
}

TEST(curl_memory, large_blocks_are_not_kept_and_neither_is_what_is_smaller_than_any_of_malloc) {
    curl_memory memory(plenty);
    release(blocks_of(50'000, 3));
    release_some_others();
    EXPECT_EQ(memory.kept(), 0U);
    if (!curl_memory::fits_malloc()) {
        for (std::size_t size = 1; size < 24; ++size) release(blocks_of(size, 20));
        release_some_others();
        EXPECT_EQ(memory.kept(), 0U);
    }
    release(blocks_of(buffer, 3));
    release_some_others();
    EXPECT_GE(memory.kept(), 3 * buffer);
}

TEST(curl_memory, blocks_are_those_of_malloc) {
    void* from_malloc = std::malloc(small);
    {
        curl_memory memory(plenty);
        curl_memory::release(from_malloc);
        release_some_others();
        EXPECT_NE(memory.kept(), 0U);
        void* const one = curl_memory::allocate(small);
        EXPECT_EQ(one, from_malloc);
        std::free(one);
    }
    // A thread that has none: one that made a handle, or frees what is left of it.
    void* elsewhere = nullptr;
    std::thread([&elsewhere] {
        curl_memory memory(plenty);
        release(blocks_of(small, 2 * just_freed));
        elsewhere = curl_memory::allocate(small);
    }).join();
    elsewhere = curl_memory::resize(elsewhere, 100 * small);
    std::memset(elsewhere, 1, 100 * small);
    curl_memory::release(elsewhere);
}

TEST(curl_memory, texts_and_nothing_are_what_they_are_to_the_functions_of_c) {
    curl_memory memory(plenty);
    for (int times = 0; times < 40; ++times) {  // Of new blocks and of some that were used before.
        char* const text = curl_memory::copy("seventeen letters");
        EXPECT_STREQ(text, "seventeen letters");
        curl_memory::release(text);
    }
    curl_memory::release(nullptr);
    void* const made = curl_memory::resize(nullptr, 5);
    EXPECT_NE(made, nullptr);
    curl_memory::release(made);
    void* const empty = curl_memory::allocate(0);
    EXPECT_NE(empty, nullptr);
    curl_memory::release(empty);
    EXPECT_EQ(curl_memory::allocate_zeroed(std::numeric_limits<std::size_t>::max() / 2, 3), nullptr);
}

}  // namespace
}  // namespace penstock::fetch_stage
