#include "origin_reader.hpp"

namespace penstock::fetch_stage {

split_url origin_reader::read(std::string_view url) {
    if (!beginning_.empty() && url.starts_with(beginning_)) {
        const std::string_view rest = url.substr(beginning_.size());
        if (rest.empty() || rest.front() == '/' || rest.front() == '?' || rest.front() == '#') {
            split_url parts = like_;
            parts.host = url.substr(static_cast<std::size_t>(like_.host.data() - beginning_.data()), like_.host.size());
            split_target(rest, parts);
            return parts;
        }
    }
    const split_url parts = split(url);
    if (!parts.problem.empty()) return parts;
    beginning_.clear();  // In case that what follows throws.
    write_origin(parts, origin_);
    beginning_ = url.substr(0, static_cast<std::size_t>(parts.path.data() - url.data()));
    like_ = split(beginning_);
    return parts;
}

}  // namespace penstock::fetch_stage
