#pragma once

#include <spdlog/logger.h>

#include <memory>

namespace penstock {

/// Where penstock says what nobody asked for: the logger that the host registered with spdlog as "penstock", else one
/// of its own that writes warnings to the standard error.
std::shared_ptr<spdlog::logger> log();

}  // namespace penstock
