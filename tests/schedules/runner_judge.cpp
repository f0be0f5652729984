#include <array>
#include <numeric>

#include "runner_world.hpp"

// What a run on real threads has to answer for.
namespace penstock::testing {

std::string runner_world::judge(const report& done) {
    const auto& settled = done.figures.settled;
    const auto sum = std::accumulate(settled.begin(), settled.end(), std::uint64_t{0});
    if (done.taken() != sum) return "the settlement identity does not hold";
    if (done.taken() != given_) return "another count of items than the source gave";
    if (done.figures.peak_in_flight > options_.queue_size) return "more in flight than the queue is long";
    if (alive_ != 0) return "values are left alive: " + std::to_string(alive_);
    const bool threw = given_ == throws_at_ && throws_at_ < items_.size() && done.reason == end_reason::failed;
    const bool ended = ends_at_ != 0 && calls_ >= ends_at_;
    if (letters_threw_ && done.reason != end_reason::failed) return "a letter was lost and the run does not say so";
    if (!letters_threw_ && !threw && done.reason == end_reason::failed) return "failed without a cause: " + done.detail;
    if (!ended && done.reason == end_reason::stopped) return "stopped without a cause";
    return judge_items(done);
}

outcome runner_world::expected(std::size_t item) const {
    const item_plan& plan = items_[item];
    if (plan.fails_in_feed || goes_wrong(plan.first)) return outcome::dead;
    if (plan.first == deed::drop) return outcome::dropped;
    if (goes_wrong(plan.second)) return outcome::dead;
    if (plan.second == deed::drop) return outcome::dropped;
    const bool refused = file_ == nullptr ? plan.sink_throws : plan.refused && plan.rows != 0;
    return refused ? outcome::dead : outcome::committed;
}

std::string runner_world::judge_items(const report& done) {
    std::array<std::uint64_t, outcome_count> most{};
    std::uint64_t letters = 0;
    std::uint64_t reached = 0;
    for (std::size_t i = 0; i < given_; ++i) {
        ++most[static_cast<std::size_t>(expected(i))];
        if (seen_[i].letters > 1) return "two letters for item " + std::to_string(i);
        if (seen_[i].in_doubt) return "in doubt without a doubt: item " + std::to_string(i);
        if (seen_[i].letters == 1 && expected(i) != outcome::dead) return "a good item is dead: " + std::to_string(i);
        if (seen_[i].reached_sink > 1) return "an item reached the sink twice: " + std::to_string(i);
        if (seen_[i].reached_sink == 1 && expected(i) != outcome::committed) return "a bad item reached the sink";
        letters += seen_[i].letters;
        reached += seen_[i].reached_sink;
    }
    if (file_ != nullptr) {
        if (std::string finding = judge_rows(reached); !finding.empty()) return finding;
        if (done.rows() != 0 || reached != 0) {
            std::uint64_t rows = 0;
            for (const std::string& one : file_->rows()) rows += std::stoull(one.substr(one.find('|') + 1));
            if (rows != done.rows()) return "the report counts other rows than the database holds";
        }
    }
    if (letters != done.count(outcome::dead)) return "another count of letters than of dead items";
    std::uint64_t without_rows = 0;
    for (std::size_t i = 0; i < given_ && file_ != nullptr; ++i) {
        without_rows += expected(i) == outcome::committed && items_[i].rows == 0 ? 1 : 0;
    }
    const std::uint64_t committed = done.count(outcome::committed);
    if (committed < reached || committed > reached + without_rows) return "committed, but not there; or the reverse";
    for (std::size_t how = 0; how < outcome_count; ++how) {
        if (how == static_cast<std::size_t>(outcome::abandoned)) continue;
        const std::uint64_t had = done.figures.settled[how];
        const bool right = done.reason == end_reason::completed ? had == most[how] : had <= most[how];
        if (!right) return "items settled wrongly as " + std::string(to_string(static_cast<outcome>(how)));
    }
    return {};
}

std::string runner_world::judge_rows(std::uint64_t& committed) {
    for (const std::string& one : file_->rows()) {
        const std::size_t item = std::stoull(one);
        if (item >= given_ || expected(item) != outcome::committed) return "rows of an item that is not good: " + one;
        if (one.substr(one.find('|') + 1) != std::to_string(items_[item].rows))
            return "not all rows of an item: " + one;
        ++committed;
    }
    return {};
}

}  // namespace penstock::testing
