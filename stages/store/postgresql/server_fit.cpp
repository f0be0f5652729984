#include "server_fit.hpp"

namespace penstock::detail::postgresql {

std::string why_version_is_unfit(int version) {
    constexpr int first = 12'00'00;
    if (version >= first) return {};
    // Before 10, a version had three parts.
    std::string name = std::to_string(version / 10'000);
    if (version < 10'00'00) name += '.' + std::to_string(version / 100 % 100);
    return "is a PostgreSQL " + name + " and too old; penstock stores into 12 and later";
}

}  // namespace penstock::detail::postgresql
