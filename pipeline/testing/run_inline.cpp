#include "penstock/testing/run_inline.hpp"

#include "../admit.hpp"
#include "../flow.hpp"
#include "../opening.hpp"
#include "../run_state.hpp"
#include "penstock/errors.hpp"

namespace penstock::testing {

report run_inline(pipeline& job, const run_options& options) {
    penstock::detail::blueprint& plan = job.plan_;
    if (plan.feed) {
        throw bad_option("run_inline: fetch needs a thread of its own; begin the chain with testing::pages(...)");
    }
    if (!plan.sink->works_inline()) {
        throw bad_option("run_inline: the sink '" + plan.sink->name()
                         + "' needs a thread of its own; end the chain with a testing::collected");
    }
    opening open(plan, *job.running_, options, 1);
    run_state state(plan, options, 1);
    admission admitting(plan, state, state.doing());
    flow flowing(plan, state, state.doing());
    plan.sink->open(state);
    {
        const std::stop_callback on_stop(options.stop, [&] { state.end(end_reason::stopped); });
        const std::stop_callback on_abandon(options.abandon, [&] { state.abandon(); });
        while (admitting.admit()) flowing.run_inline();
        plan.sink->close();
    }
    open.close_letters(state);
    return state.finish();
}

report run_inline(pipeline&& job, const run_options& options) { return run_inline(job, options); }

}  // namespace penstock::testing
