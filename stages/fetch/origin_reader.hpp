#pragma once

#include <string>
#include <string_view>

#include "split_url.hpp"

namespace penstock::fetch_stage {

/// Splits URLs one after the other and says their origins. Neighbours in a source mostly begin alike, so a beginning
/// that is like the last one's is not read again. One thread.
class origin_reader {
public:
    /// As `split`. Throws `std::bad_alloc`.
    split_url read(std::string_view url);

    /// The origin of the URL that was read last without a problem, as `write_origin` puts it.
    const std::string& origin() const noexcept { return origin_; }

private:
    std::string beginning_;  ///< Of that URL: scheme, host and port as they were given.
    split_url like_;         ///< What was read in it; its host is a view of `beginning_`.
    std::string origin_;
};

}  // namespace penstock::fetch_stage
