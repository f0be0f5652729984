#include "penstock/page.hpp"

#include <algorithm>

#include "ascii.hpp"

namespace penstock {

page::page(parts from)
    : body_(std::move(from.body)),
      url_size_(from.url.size()),
      tag_size_(from.tag.size()),
      head_size_(from.head.size()),
      took_(from.took),
      status_(from.status) {
    body_.keep_behind({from.url, from.tag, from.head});
}

std::string_view page::header(std::string_view name) const noexcept {
    std::string_view left = head();
    while (!left.empty()) {
        const std::string_view line = left.substr(0, left.find('\n'));
        left.remove_prefix(std::min(line.size() + 1, left.size()));
        const std::size_t colon = line.find(':');
        if (colon == name.size() && fetch_stage::same_name(line.substr(0, colon), name)) {
            return fetch_stage::trim(line.substr(colon + 1));
        }
    }
    return {};
}

}  // namespace penstock
