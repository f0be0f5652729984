#pragma once

#include <chrono>
#include <thread>

namespace penstock::testing {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// True as soon as something is; false after 20 s.
template <class Something>
bool becomes_true(Something&& something) {
    for (const auto end = steady_clock::now() + 20s; steady_clock::now() < end; std::this_thread::yield()) {
        if (something()) return true;
    }
    return false;
}

}  // namespace penstock::testing
