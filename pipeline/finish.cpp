#include "penstock/detail/snapshot_of.hpp"
#include "penstock/errors.hpp"
#include "run_state.hpp"

namespace penstock {

namespace {

std::string headline(const report& done) {
    std::string text = "the run failed";
    if (!done.detail.empty()) text += ": " + done.detail;
    text += " (" + std::to_string(done.taken()) + " taken, " + std::to_string(done.count(outcome::committed))
            + " committed, " + std::to_string(done.count(outcome::dead)) + " dead, "
            + std::to_string(done.count(outcome::abandoned)) + " abandoned, "
            + std::to_string(done.count(outcome::in_doubt)) + " in doubt)";
    return text;
}

/// What the counters say against each other, which they never should: a count that is wrong must not look right.
std::string lost_count(const metrics_snapshot& figures) {
    return "penstock has lost count: " + std::to_string(figures.taken) + " items taken, "
           + std::to_string(figures.taken - figures.in_flight())
           + " settled; this is a bug in penstock, please report it";
}

}  // namespace

report run_state::finish() {
    detail::slot_chain left;
    for (std::size_t i = 0; i < table_.made(); ++i) {
        if (table_[i].in_flight) left.push_back(table_[i]);
    }
    book(left, outcome::abandoned, abort_watch::before_stages);  // Wherever they were: none has failed.
    metrics_->ended_ns.store((std::chrono::steady_clock::now() - metrics_->began).count(), std::memory_order_relaxed);

    report done;
    done.reason = reason_.value_or(end_reason::completed);
    done.detail = detail_;
    done.figures = snapshot_of(*metrics_);
    done.workers = workers_;
    done.first_dead = first_dead_;
    if (done.reason == end_reason::aborted && aborting_) done.aborted_for = aborting_->cause();
    if (done.reason == end_reason::stopped && done.detail.empty() && !held_up_by_.empty()) {
        done.detail = "the end had to wait for callables that did not return: " + held_up_by_;
    }
    if (done.figures.in_flight() != 0) {
        done.reason = end_reason::failed;
        done.detail = lost_count(done.figures);
    }
    if (done.reason == end_reason::completed && done.taken() == 0) done.detail = "the source was empty";
    if (is_failure(done.reason)) throw run_failed(std::move(done));
    return done;
}

run_failed::run_failed(penstock::report report)
    : std::runtime_error(headline(report)), report_(std::make_shared<const penstock::report>(std::move(report))) {}

}  // namespace penstock
