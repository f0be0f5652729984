#include <exception>
#include <functional>
#include <stop_token>
#include <system_error>
#include <utility>

#include "activity.hpp"
#include "admit.hpp"
#include "flow.hpp"
#include "opening.hpp"
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

}  // namespace

pipeline::pipeline(detail::blueprint plan)
    : plan_(std::move(plan)), running_(std::make_unique<std::atomic<bool>>(false)) {}
pipeline::pipeline(pipeline&&) noexcept = default;
pipeline& pipeline::operator=(pipeline&&) noexcept = default;
pipeline::~pipeline() = default;

report pipeline::run(const run_options& options) {
    const unsigned workers = possible_workers(options.max_workers);
    const opening open(plan_, *running_, options, workers);
    run_state state(plan_, options, workers);
    activity doing(workers);
    admission admitting(plan_, state, doing);
    flow flowing(plan_, state, doing);
    watch watcher(plan_, state, doing, flowing);

    // From here on everything is accounted for: whatever goes wrong ends the run and is told by run_failed.
    const auto start = [&](const char* name, std::function<void()> body) {
        try {
            return detail::own_thread(name, std::move(body));
        } catch (const std::system_error& error) {
            state.fail_run(std::string("cannot start the thread ") + name + ": " + error.what());
            return detail::own_thread();
        }
    };
    const auto begin = [&](auto& piece) {
        try {
            piece.open(state);
            return true;
        } catch (const std::exception& error) {
            state.fail_run(error.what());
            return false;
        }
    };
    const bool sink_open = begin(*plan_.sink);
    const bool feed_open = sink_open && (plan_.feed == nullptr || begin(*plan_.feed));
    if (feed_open) {
        const token_listener listening(options, state, watcher);
        detail::own_thread source = start("penstock-source", [&] {
            admitting.run();
            watcher.ended();
        });
        if (state.ending().stop_requested()) state.close_admission();
        detail::own_thread stages = start("penstock-flow", [&] {
            flowing.run();
            plan_.sink->close();
            watcher.ended();
        });
        const bool flows = stages.running();
        watcher.until_ended(unsigned{source.running()} + unsigned{flows});
        source.join();
        stages.join();
        if (plan_.feed) plan_.feed->close();
        if (!flows) plan_.sink->close();
    } else if (sink_open) {
        plan_.sink->close();
    }

    return state.finish();
}

}  // namespace penstock
