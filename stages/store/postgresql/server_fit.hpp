#pragma once

#include <string>

namespace penstock::detail::postgresql {

/// Says why a server of this version, in libpq's form such as 150004, cannot be stored into; empty if it can. 12 is the
/// first whose catalogues tell which columns are computed.
std::string why_version_is_unfit(int version);

}  // namespace penstock::detail::postgresql
