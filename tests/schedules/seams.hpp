#pragma once

#include "stages/fetch/descriptor_budget.hpp"

namespace penstock::testing {

class world;

/// Whose run the program's `epoll_wait` belongs to, and how many transfers fetch is told that it may have.
struct seams {
    world* running = nullptr;
    fetch_stage::descriptor_budget budget;
};
inline seams here;

}  // namespace penstock::testing
