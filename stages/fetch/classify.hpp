#pragma once

#include <curl/curl.h>

#include <optional>
#include <string_view>

#include "penstock/failure.hpp"
#include "penstock/stages/fetch/fetch_options.hpp"

namespace penstock::fetch_stage {

/// How far an attempt has come.
enum class phase : unsigned char { resolving, connecting, securing, waiting, receiving };

/// "resolving the host's name", "connecting" and so on, to be read behind "while".
std::string_view to_string(phase reached) noexcept;

/// What a callback saw that libcurl does not know of.
enum class trouble : unsigned char {
    none,
    no_memory,
    body_too_large,
    head_too_large,
    contradictory_head,
    body_not_wanted,  ///< The status has already decided and the body was long: the rest was not awaited.
};

/// What there is to know about an attempt that has ended.
struct attempt_facts {
    CURLcode result = CURLE_OK;
    int status = 0;
    bool head_complete = false;
    bool local_shortage = false;    ///< This process had no descriptor or thread to spare.
    bool address_denied = false;    ///< An address was not connected to, for `deny_private_ranges`.
    bool connection_reset = false;  ///< The peer broke the connection off.
    phase reached = phase::resolving;
    trouble seen = trouble::none;
    std::string_view detail = {};  ///< libcurl's own words, or what is wrong with the head; may be empty.
    std::string_view url = {};     ///< As it may be shown.
};

/// Whether a failure is a proxy's fault, and whom that concerns.
enum class fault_scope : unsigned char {
    none,    ///< It is no proxy's.
    whole,   ///< The proxy is of no use for any target.
    target,  ///< It is of no use for this target, as far as this tells.
};

/// Why an attempt failed.
struct verdict {
    failure why;
    bool worth_a_retry = false;
    fault_scope of_proxy = fault_scope::none;
    bool never_sent = false;  ///< Nothing of the request can have come to the target.
};

/// Judges an attempt: nothing if it brought a page. Redirects that are followed do not come here. Without I/O. Throws
/// `std::bad_alloc`.
std::optional<verdict> classify(const attempt_facts& facts, const fetch_options& options);

}  // namespace penstock::fetch_stage
