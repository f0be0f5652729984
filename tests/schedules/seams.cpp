#include "seams.hpp"

#include <sys/epoll.h>

#include "world.hpp"

// What fetch asks the system and a schedule answers. Defined in the program itself, these come before what is in
// libraries.

using penstock::testing::here;

extern "C" int epoll_wait(int, epoll_event* events, int most, int patience) {
    return here.running->wait(events, most, patience);
}

extern "C" int epoll_ctl(int, int operation, int fd, epoll_event*) noexcept {
    if (operation == EPOLL_CTL_ADD) here.running->watch(fd);
    return 0;
}

namespace penstock::fetch_stage {

descriptor_budget share_out(std::size_t, std::size_t, std::size_t) noexcept { return here.budget; }
descriptor_budget read_descriptor_budget(std::size_t) noexcept { return here.budget; }
bool short_of_descriptors() noexcept { return false; }

}  // namespace penstock::fetch_stage
