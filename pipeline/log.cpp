#include "log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace penstock {

namespace {

std::shared_ptr<spdlog::logger> logger() {
    if (auto hosts = spdlog::get("penstock")) return hosts;
    static const auto own = [] {
        auto made = std::make_shared<spdlog::logger>("penstock", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_level(spdlog::level::warn);
        return made;
    }();
    return own;
}

}  // namespace

void log_warning(std::string_view text) noexcept {
    try {
        logger()->warn("{}", text);
    } catch (...) {  // spdlog keeps what derives from std::exception, and lets the rest through.
    }
}

}  // namespace penstock
