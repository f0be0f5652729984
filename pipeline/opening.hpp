#pragma once

#include <atomic>

#include "penstock/detail/blueprint.hpp"
#include "penstock/run_options.hpp"
#include "run_state.hpp"

namespace penstock {

/// All that must be right before a run takes its first item. Checks the options, keeps other runs of the same pipeline
/// out, opens the dead-letter sink, and has sink, source and stages make ready, in this order. Throws `bad_option` or
/// `preflight_failed`; what was opened is closed when this ends.
class opening {
public:
    opening(detail::blueprint& plan, std::atomic<bool>& running, const run_options& options, unsigned workers);
    ~opening();
    opening(const opening&) = delete;
    opening& operator=(const opening&) = delete;

    /// Closes the dead-letter sink after the last letter. One that fails then may have lost letters: the run fails.
    void close_letters(run_state& state) noexcept;

private:
    void open_letters(dead_letter_sink::writer* letters);

    std::atomic<bool>& running_;
    dead_letter_sink::writer* letters_ = nullptr;  ///< Null unless it is open.
};

}  // namespace penstock
