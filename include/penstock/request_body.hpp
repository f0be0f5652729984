#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock {

/// What a request sends to its server. It is kept until the item is settled, for retries; it does not count towards
/// `run_options::max_bytes_in_flight`.
struct request_body {
    std::string bytes{};         ///< Sent as they are.
    std::string content_type{};  ///< Sent as Content-Type, unless the request has a header of that name; none if empty.
    bool confidential = false;   ///< Holds a secret: dead letters and ledgers leave it out, and cannot replay it.
};

/// Bytes of any kind.
request_body raw_body(std::string bytes, std::string content_type = "application/octet-stream");

/// JSON text, as application/json. It is not looked at.
request_body json_body(std::string text);

/// The fields of a form in their order, as application/x-www-form-urlencoded. Throws `std::bad_alloc`.
request_body form_body(const std::vector<std::pair<std::string_view, std::string_view>>& fields);

}  // namespace penstock
