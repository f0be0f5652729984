#include <ostream>

#include "penstock/detail/blueprint.hpp"
#include "penstock/errors.hpp"
#include "penstock/pipeline.hpp"
#include "run_state.hpp"

namespace penstock {

std::ostream& operator<<(std::ostream& out, const pipeline& chain) {
    const detail::blueprint& plan = chain.plan_;
    out << plan.source->name();
    if (plan.feed) out << " | fetch";
    for (const auto& stage : plan.stages) {
        if (&stage == &plan.stages.back() && brings_last_stage(plan)) break;
        out << " | " << to_string(stage->mode()) << ' ' << stage->name();
    }
    return out << " | " << to_string(plan.sink->mode()) << ' ' << plan.sink->name();
}

namespace detail {

std::string checked_stage_name(std::string name) {
    if (name.empty()) throw bad_option("a stage's name is empty; it is shown in metrics and dead letters: give it one");
    return name;
}

}  // namespace detail

}  // namespace penstock
