#pragma once

#include <string_view>

namespace penstock {

/// Says what nobody asked for: to the logger that the host registered with spdlog as "penstock", else to one of
/// penstock's own that writes to the standard error. A logger that throws is the host's own loss; no run suffers.
void log_warning(std::string_view text) noexcept;

}  // namespace penstock
