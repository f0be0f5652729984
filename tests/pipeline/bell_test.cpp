// What a thread sleeps by.
#include "bell.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace ps = penstock;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

namespace {

TEST(bell, a_ring_that_comes_too_late_for_the_last_sleep_does_not_deafen_this_one) {
    ps::bell bell;
    std::atomic<bool> there{false};
    const auto began = clock_type::now();
    clock_type::time_point woke;
    std::jthread sleeper([&] {
        bell.sleep(began + 10s, [&] { return there.load(); });
        woke = clock_type::now();
    });
    std::this_thread::sleep_for(50ms);  // By now it sleeps; if not, this ring is lost on it and nothing is tested.
    bell.ring(1);                       // For what was taken long ago.
    std::this_thread::sleep_for(50ms);
    there = true;
    bell.ring(1);
    sleeper.join();
    EXPECT_LT(woke - began, 5s);
}

TEST(bell, a_poke_ends_a_sleep_whatever_is_there) {
    ps::bell bell;
    const auto began = clock_type::now();
    std::jthread sleeper([&] { bell.sleep(began + 10s, [] { return false; }); });
    bell.poke();
    sleeper.join();
    EXPECT_LT(clock_type::now() - began, 5s);
}

}  // namespace
