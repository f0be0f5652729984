#pragma once

#include <cstddef>

namespace penstock::fetch_stage {

/// How many transfers and name look-ups the descriptors of this process allow at once.
struct descriptor_budget {
    std::size_t transfers = 1;
    std::size_t resolving = 1;
};

/// Shares out what the soft limit leaves: `limit` descriptors in all, `open` of them taken. Some are kept back for the
/// rest of the program (database connections, files), and two for each name look-up, which libcurl needs meanwhile.
/// Never 0, for a run must move even where it will be told `local_resource`.
descriptor_budget share_out(std::size_t limit, std::size_t open, std::size_t queue_size) noexcept;

/// The same, with the limit and the count of this process as they are now.
descriptor_budget read_descriptor_budget(std::size_t queue_size) noexcept;

/// True if this process cannot open a few descriptors more at this moment.
bool short_of_descriptors() noexcept;

}  // namespace penstock::fetch_stage
