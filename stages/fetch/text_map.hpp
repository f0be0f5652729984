#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace penstock::fetch_stage {

struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
};

/// A map from texts that is searched without making one.
template <class Value>
using text_map = std::unordered_map<std::string, Value, text_hash, std::equal_to<>>;

}  // namespace penstock::fetch_stage
