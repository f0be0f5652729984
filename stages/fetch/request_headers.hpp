#pragma once

#include <span>

#include "curl_handles.hpp"
#include "penstock/request.hpp"

namespace penstock::fetch_stage {

/// The header lines of a request in libcurl's form: the options' headers, a request's own in place of those of the
/// same name, and a User-Agent of ours if there is none. `safe_only` leaves out what may not follow a redirect to
/// another origin. Throws `std::bad_alloc`.
header_list make_header_list(std::span<const header> of_options, std::span<const header> of_request, bool compression,
                             bool safe_only);

/// The same for a request that is not plain. A body that is sent on keeps its Content-Type.
header_list make_header_list(std::span<const header> of_options, const request& asked, bool compression, bool safe_only,
                             bool with_body);

/// The list with a Cookie field, unless that is empty or a header of the user's has that name. Throws `std::bad_alloc`.
header_list with_cookies(header_list list, const std::string& cookies);

}  // namespace penstock::fetch_stage
