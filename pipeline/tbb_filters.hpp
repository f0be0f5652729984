#pragma once

#include <tbb/parallel_pipeline.h>

#include <cstddef>

#include "flow.hpp"

namespace penstock {

/// The bodies of TBB's filters. They stand apart because TBB's threads read their members before anything that a race
/// detector could see has put them in order: `tests/tsan.supp` names this file, so nothing else may stand here.
struct flow::input_filter {
    flow& of;
    unsigned workers;

    detail::slot* operator()(tbb::flow_control& control) const {
        bool ended = false;
        detail::slot* const group = of.next_group(workers, ended);
        if (ended) control.stop();
        return group;
    }
};

struct flow::row_filter {
    flow& of;
    std::size_t row;

    detail::slot* operator()(detail::slot* first) const { return of.pass(row, first).first(); }
};

struct flow::last_row_filter {
    flow& of;
    std::size_t row;

    void operator()(detail::slot* first) const { (void)of.pass(row, first); }
};

}  // namespace penstock
