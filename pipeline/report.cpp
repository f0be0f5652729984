#include "penstock/report.hpp"

#include <array>
#include <cstdio>
#include <ostream>
#include <string>

namespace penstock {

namespace {

template <class... Arguments>
std::string text(const char* format, Arguments... arguments) {
    std::array<char, 160> room{};
    const int length = std::snprintf(room.data(), room.size(), format, arguments...);
    return {room.data(), static_cast<std::size_t>(std::min<int>(length, room.size() - 1))};
}

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

double milliseconds(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

std::string counts(const metrics_snapshot& figures) {
    std::string line = std::to_string(figures.taken) + " taken";
    for (std::size_t i = 0; i < outcome_count; ++i) {
        const auto how = static_cast<outcome>(i);
        if (figures[how] == 0 && how != outcome::committed) continue;
        line += ", " + std::to_string(figures[how]) + " " + std::string(to_string(how));
    }
    return line;
}

void print_fetch(std::ostream& out, const fetch_figures& fetch) {
    out << "\n  fetch: " << fetch.pages << " pages, " << text("%.1f MB", static_cast<double>(fetch.body_bytes) / 1e6)
        << ", " << fetch.attempts << " attempts (" << fetch.retries << " retries), " << fetch.connections
        << " connections, "
        << text("p50 %.1f ms, p95 %.1f ms, p99 %.1f ms", milliseconds(fetch.p50), milliseconds(fetch.p95),
                milliseconds(fetch.p99));
    if (fetch.pauses != 0) {
        out << "\n  fetch: " << fetch.pauses << " pauses that servers asked for, " << fetch.beyond_share
            << " items beyond parked_share";
    }
    if (fetch.breaker_opened != 0) out << "\n  fetch: breakers opened " << fetch.breaker_opened << " times";
    for (const proxy_figures& one : fetch.proxies) {
        constexpr std::size_t few = 20;
        if (fetch.proxies.size() > few && one.lockouts == 0) continue;
        out << "\n  proxy " << one.proxy << ": " << one.attempts << " attempts, " << one.answers << " answers, "
            << one.faults << " faults, " << one.lockouts << " lockouts";
    }
}

void print_stage(std::ostream& out, const stage_figures& stage) {
    out << "\n  " << stage.name << ": " << stage.taken << " items";
    if (stage.dropped != 0) out << ", " << stage.dropped << " dropped";
    if (stage.dead != 0) out << ", " << stage.dead << " dead";
    out << text(", %.3f s", seconds(stage.busy));
}

void print_store(std::ostream& out, const store_figures& store) {
    out << "\n  database: " << store.rows << " rows in " << store.batches << " batches"
        << text(", %.1f MB, %.3f s", static_cast<double>(store.bytes) / 1e6, seconds(store.busy));
    if (store.retries != 0) out << ", tried again " << store.retries << " times";
}

}  // namespace

bool report::clean() const noexcept {
    return reason == end_reason::completed && count(outcome::dead) == 0 && count(outcome::in_doubt) == 0
           && count(outcome::abandoned) == 0;
}

std::ostream& operator<<(std::ostream& out, const report& done) {
    const metrics_snapshot& figures = done.figures;
    out << to_string(done.reason) << ": " << counts(figures);
    if (figures.store.rows != 0) out << ", " << figures.store.rows << " rows";
    const double time = seconds(figures.elapsed);
    out << text(" in %.2f s (%.0f items/s, %u workers)", time,
                time > 0 ? static_cast<double>(figures.taken) / time : 0.0, done.workers);
    if (!done.detail.empty()) out << "\n  why: " << done.detail;
    if (figures.fetch.attempts != 0) print_fetch(out, figures.fetch);
    for (const stage_figures& stage : figures.stages) print_stage(out, stage);
    if (figures.store.batches != 0 || figures.store.retries != 0) print_store(out, figures.store);
    if (!done.first_dead.empty()) out << "\n  first dead letter: " << done.first_dead;
    return out;
}

}  // namespace penstock
