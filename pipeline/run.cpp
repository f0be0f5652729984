#include <exception>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "admit.hpp"
#include "flow.hpp"
#include "look_up.hpp"
#include "opening.hpp"
#include "penstock/detail/affordable_text.hpp"
#include "penstock/detail/own_thread.hpp"
#include "penstock/errors.hpp"
#include "penstock/pipeline.hpp"
#include "run_state.hpp"
#include "watch.hpp"

namespace penstock {

namespace {

/// Ends the run when one of the user's tokens is stopped.
class token_listener {
public:
    token_listener(const run_options& options, run_state& state, watch& watcher)
        : on_stop_(options.stop,
                   [&] {
                       state.end(end_reason::stopped);
                       watcher.wake();
                   }),
          on_abandon_(options.abandon,
                      [&] {
                          state.abandon();
                          watcher.wake();
                      }),
          on_ending_(state.ending(), [&] { watcher.wake(); }) {}

private:
    std::stop_callback<std::function<void()>> on_stop_;
    std::stop_callback<std::function<void()>> on_abandon_;
    std::stop_callback<std::function<void()>> on_ending_;
};

/// Starts a thread of the run; if that cannot be done, the run fails.
template <class Body>
detail::own_thread start(run_state& state, const char* name, Body body) noexcept {
    try {
        return detail::own_thread(name, std::move(body));
    } catch (const std::exception& error) {
        state.fail_run(detail::affordable_text(
            [&] { return std::string("cannot start the thread ") + name + ": " + error.what(); }));
    }
    return detail::own_thread();
}

/// Opens the feed or the sink; false, and the run fails, if that cannot be done.
template <class Piece>
bool begin(run_state& state, Piece& piece) noexcept {
    try {
        piece.open(state);
        return true;
    } catch (const std::exception& error) {
        state.fail_run(detail::affordable_text([&] { return std::string(error.what()); }));
    }
    return false;
}

void work_through(detail::blueprint& plan, run_state& state, watch& watcher, look_up* ledger, admission& admitting,
                  flow& flowing) noexcept {
    if (!begin(state, *plan.sink)) return;
    if (plan.feed != nullptr && !begin(state, *plan.feed)) {
        plan.sink->close();
        return;
    }
    detail::own_thread look_ups;
    if (ledger != nullptr) look_ups = start(state, "penstock-ledger", [&] { ledger->run(); });
    detail::own_thread source = start(state, "penstock-source", [&] {
        admitting.run();
        watcher.ended();
    });
    if (state.ending().stop_requested()) state.close_admission();
    detail::own_thread stages = start(state, "penstock-flow", [&] {
        flowing.run();
        plan.sink->close();
        watcher.ended();
    });
    const bool flows = stages.running();
    watcher.until_ended(unsigned{source.running()} + unsigned{flows});
    source.join();
    if (ledger != nullptr) ledger->close();  // There may have been no source to do it.
    look_ups.join();
    stages.join();
    if (plan.feed != nullptr) plan.feed->close();
    if (!flows) plan.sink->close();
}

}  // namespace

pipeline::pipeline(detail::blueprint plan)
    : plan_(std::move(plan)), running_(std::make_unique<std::atomic<bool>>(false)) {}
pipeline::pipeline(pipeline&&) noexcept = default;
pipeline& pipeline::operator=(pipeline&&) noexcept = default;
pipeline::~pipeline() = default;

report pipeline::run(const run_options& options) {
    const unsigned workers = possible_workers(options.max_workers);
    std::optional<opening> open;
    try {
        open.emplace(plan_, *running_, options, workers);
    } catch (const preflight_failed& failed) {
        if (!options.stop.stop_requested() && !options.abandon.stop_requested()) throw;
        run_state state(plan_, options, workers);
        state.end(end_reason::stopped, std::string("stopped before it began; ") + failed.what());
        return state.finish();
    }
    run_state state(plan_, options, workers);
    {
        std::optional<look_up> ledger;
        if (state.ledger() != nullptr) ledger.emplace(plan_, state);
        look_up* const looks = ledger ? &*ledger : nullptr;
        admission admitting(plan_, state, state.doing(), looks);
        flow flowing(plan_, state, state.doing());
        watch watcher(plan_, state, flowing);
        const token_listener listening(options, state, watcher);
        // From here on nothing may be thrown: whatever goes wrong ends the run and is told by run_failed.
        work_through(plan_, state, watcher, looks, admitting, flowing);
    }
    open->close_letters(state);
    return state.finish();
}

}  // namespace penstock
