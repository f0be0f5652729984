#include "descriptor_budget.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>

#include "unique_fd.hpp"

namespace penstock::fetch_stage {

namespace {

std::size_t count_open() noexcept {
    constexpr std::size_t guess = 32;  // Where there is no /proc.
    DIR* const folder = ::opendir("/proc/self/fd");
    if (folder == nullptr) return guess;
    std::size_t count = 0;
    while (::readdir(folder) != nullptr) ++count;
    ::closedir(folder);
    return count;
}

}  // namespace

descriptor_budget share_out(std::size_t limit, std::size_t open, std::size_t queue_size) noexcept {
    const std::size_t reserve = std::clamp<std::size_t>(limit / 16, 8, 64);
    const std::size_t taken = open + reserve;
    const std::size_t left = limit > taken ? limit - taken : 1;
    descriptor_budget budget;
    budget.resolving = std::clamp<std::size_t>(left / 16, 1, 32);
    const std::size_t for_names = std::min(left / 2, 2 * budget.resolving);
    budget.transfers = std::max<std::size_t>(1, std::min(queue_size, left - for_names));
    return budget;
}

descriptor_budget read_descriptor_budget(std::size_t queue_size) noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = 1024;
    const std::size_t most = limit.rlim_cur == RLIM_INFINITY ? std::size_t{1} << 30 : std::size_t{limit.rlim_cur};
    return share_out(most, count_open(), queue_size);
}

bool short_of_descriptors() noexcept {
    std::array<unique_fd, 3> probes;
    for (unique_fd& probe : probes) {
        probe = unique_fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (probe.value() < 0) return true;
    }
    return false;
}

}  // namespace penstock::fetch_stage
