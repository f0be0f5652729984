#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "penstock/request.hpp"

// What a request's method, body and key mean. Without I/O.
namespace penstock::fetch_stage {

/// True for the usual request: a GET of which libcurl has nothing to be told but the URL and headers.
inline bool is_plain(const request& asked) noexcept {
    return asked.method == "GET" && asked.body.bytes.empty() && asked.body.content_type.empty() && asked.auth.empty()
           && asked.idempotency_key.empty();
}

/// True if a request has a body, if only an empty one.
bool sends_body(const request& asked) noexcept;

/// True if a server is no worse off when it gets a request of this method twice, whatever it is.
bool is_idempotent(std::string_view method) noexcept;

/// True if a server is no worse off when it gets the request twice.
bool may_be_repeated(const request& asked) noexcept;

/// What follows a redirect with this status: 303 has everything but HEAD continued as GET, without its body, and 301
/// and 302 do so for POST, as browsers do.
std::string_view method_after(int status, std::string_view method) noexcept;

/// True if what follows a redirect with this status has the body of the request, if that has one.
bool keeps_body(int status, std::string_view method) noexcept;

/// What is wrong with what `is_plain` looks at, in words that show no value; empty if nothing is. Throws
/// `std::bad_alloc`.
std::string problem_of(const request& asked);

/// The fields that a request has of its own: its headers, and in addition what its auth and, if it is sent on, its body
/// and key need. Throws `std::bad_alloc`.
std::vector<header> fields_of(const request& asked, bool with_body);

}  // namespace penstock::fetch_stage
