#include "request_headers.hpp"

#include <algorithm>
#include <new>
#include <string>

#include "ascii.hpp"
#include "header_rules.hpp"
#include "request_rules.hpp"

namespace penstock::fetch_stage {

namespace {

bool holds(std::span<const header> fields, std::string_view name) noexcept {
    return std::any_of(fields.begin(), fields.end(), [&](const header& field) { return same_name(field.name, name); });
}

void append(header_list& list, const std::string& line) {
    curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)list.release();
    list.reset(longer);
}

void append(header_list& list, const header& field) {
    // libcurl takes "Name:" for an order to leave a header of its own out; "Name;" sends an empty one.
    append(list, trim(field.value).empty() ? field.name + ';' : field.name + ": " + field.value);
}

}  // namespace

header_list make_header_list(std::span<const header> of_options, std::span<const header> of_request, bool compression,
                             bool safe_only) {
    header_list list;
    const auto goes = [&](const header& field) { return !safe_only || may_change_origin(field.name); };
    for (const header& field : of_options) {
        if (goes(field) && !holds(of_request, field.name)) append(list, field);
    }
    for (const header& field : of_request) {
        if (goes(field)) append(list, field);
    }
    const auto sent = [&](std::string_view name) {
        return (holds(of_options, name) || holds(of_request, name)) && (!safe_only || may_change_origin(name));
    };
    // As list entries these cost libcurl half of what its own options for them do, and as one entry less again, for it
    // looks through the list for each field that it knows of. It looks for Accept-Encoding and not for User-Agent.
    std::string ours;
    if (compression && !sent("Accept-Encoding")) ours = "Accept-Encoding: gzip";
    if (!sent("User-Agent")) ours += ours.empty() ? "User-Agent: penstock/0.1" : "\r\nUser-Agent: penstock/0.1";
    if (!ours.empty()) append(list, ours);
    return list;
}

header_list make_header_list(std::span<const header> of_options, const request& asked, bool compression, bool safe_only,
                             bool with_body) {
    const std::vector<header> own = fields_of(asked, with_body);
    header_list list = make_header_list(of_options, own, compression, safe_only);
    if (!with_body) return list;
    // Without these libcurl would call every body a form, and wait a second for leave to send a large one.
    append(list, "Expect:");
    const auto type =
        std::find_if(own.begin(), own.end(), [](const header& field) { return same_name(field.name, "Content-Type"); });
    if (type != own.end()) {
        if (safe_only) append(list, *type);
    } else if (safe_only || !holds(of_options, "Content-Type")) {
        append(list, "Content-Type:");
    }
    return list;
}

header_list with_cookies(header_list list, const std::string& cookies) {
    if (cookies.empty()) return list;
    for (const curl_slist* line = list.get(); line != nullptr; line = line->next) {
        const std::string_view text = line->data;
        if (same_name(text.substr(0, text.find_first_of(":;")), "Cookie")) return list;
    }
    append(list, "Cookie: " + cookies);
    return list;
}

}  // namespace penstock::fetch_stage
