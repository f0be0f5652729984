#include "log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace penstock {

std::shared_ptr<spdlog::logger> log() {
    if (auto hosts = spdlog::get("penstock")) return hosts;
    static const auto own = [] {
        auto made = std::make_shared<spdlog::logger>("penstock", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_level(spdlog::level::warn);
        return made;
    }();
    return own;
}

}  // namespace penstock
