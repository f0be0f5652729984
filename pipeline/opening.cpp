#include "opening.hpp"

#include <exception>
#include <new>
#include <stop_token>
#include <string>
#include <utility>

#include "penstock/detail/affordable_text.hpp"
#include "penstock/errors.hpp"

namespace penstock {

namespace {

[[noreturn]] void refuse(const std::string& option, const std::string& value, const std::string& cure) {
    throw bad_option("run_options::" + option + " is " + value + "; " + cure);
}

void check_rate(const std::string& threshold, double rate, std::uint64_t min_sample) {
    if (!(rate >= 0 && rate <= 1)) {
        refuse("abort_when." + threshold + "error_rate", std::to_string(rate), "give a share of the items, 0 to 1");
    }
    if (min_sample == 0) {
        refuse("abort_when." + threshold + "min_sample", "0", "no item would be a share of none: give 1 or more");
    }
}

void check(const abort_thresholds& when) {
    check_rate("", when.error_rate, when.min_sample);
    check_rate("database.", when.database.error_rate, when.database.min_sample);
    check_rate("io.", when.io.error_rate, when.io.min_sample);
    check_rate("proxy.", when.proxy.error_rate, when.proxy.min_sample);
    check_rate("http.", when.http.error_rate, when.http.min_sample);
    check_rate("parse.", when.parse.error_rate, when.parse.min_sample);
}

void check(const run_options& options) {
    constexpr std::size_t longest_queue = 10'000'000;
    if (options.max_workers == 0) refuse("max_workers", "0", "nobody would do the work: give 1 or more");
    if (options.queue_size == 0) refuse("queue_size", "0", "nothing could ever be in flight: give 1 or more");
    if (options.queue_size > longest_queue) {
        refuse("queue_size", std::to_string(options.queue_size), "give at most " + std::to_string(longest_queue));
    }
    if (options.max_bytes_in_flight == 0) {
        refuse("max_bytes_in_flight", "0", "no body could ever arrive: give 1 or more");
    }
    const auto check_time = [](const char* name, std::chrono::milliseconds time) {
        // More would not fit into the clocks, which count nanoseconds; this much never comes to its end.
        constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);
        if (time < std::chrono::milliseconds(1) || time > longest)
            refuse(name, std::to_string(time.count()) + " ms", "give 1 ms to 365 days");
    };
    check_time("item_timeout", options.item_timeout);
    check_time("drain_timeout", options.drain_timeout);
    check_time("progress_every", options.progress_every);
    check(options.abort_when);
}

/// Tells the sink which ledger the run has, and refuses one that could not be kept.
void choose_ledger(const detail::blueprint& plan, const run_options& options) {
    detail::any_ledger* const ledger = plan.sink->ledger();
    if (options.ledger.empty() && options.retry_dead) {
        refuse("retry_dead", "true", "only a ledger knows of dead items: give run_options::ledger its name");
    }
    if (!options.ledger.empty() && ledger == nullptr) {
        refuse("ledger", '"' + options.ledger + '"',
               "the chain ends in '" + plan.sink->name()
                   + "', which has no database to keep it in: end it with store(...)");
    }
    if (!options.ledger.empty() && plan.source->makes().key == nullptr) {
        refuse("ledger", '"' + options.ledger + '"',
               "the values of the source '" + plan.source->name()
                   + "' have no key to be known by: make them requests or texts, or specialise penstock::keyed_as");
    }
    if (ledger != nullptr) ledger->choose({options.ledger, options.retry_dead});
}

/// Closes the sink of a run that has written no letter or has an exception on its way already.
void drop_letters(dead_letter_sink::writer* letters) noexcept {
    if (letters == nullptr) return;
    try {
        letters->close();
    } catch (...) {
    }
}

/// Makes one piece ready. What it throws that `run` does not promise to throw becomes `preflight_failed`.
template <class Action>
void make_ready(const std::string& piece, Action&& action) {
    std::string why = "it threw what is no std::exception";
    try {
        return action();
    } catch (const bad_option&) {
        throw;
    } catch (const preflight_failed&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        why = error.what();
    } catch (...) {
    }
    throw preflight_failed(piece + " could not be made ready: " + why);
}

}  // namespace

opening::opening(detail::blueprint& plan, std::atomic<bool>& running, const run_options& options, unsigned workers)
    : running_(running) {
    check(options);
    if (running_.exchange(true)) {
        throw bad_option("this pipeline is running already: one run at a time; make a second pipeline object");
    }
    try {
        choose_ledger(plan, options);
        open_letters(options.dead_letters.target());
        make_ready("the sink '" + plan.sink->name() + '\'', [&] {
            std::stop_source ending;
            const auto end = [&] { ending.request_stop(); };
            const std::stop_callback on_stop(options.stop, end);
            const std::stop_callback on_abandon(options.abandon, end);
            plan.sink->preflight(ending.get_token());
        });
        make_ready("the source '" + plan.source->name() + '\'', [&] { plan.source->open(); });
        for (const auto& stage : plan.stages)
            make_ready("the stage '" + stage->name() + '\'', [&] { stage->open(workers); });
    } catch (...) {
        drop_letters(letters_);
        running_.store(false);
        throw;
    }
}

opening::~opening() {
    drop_letters(letters_);
    running_.store(false);
}

void opening::open_letters(dead_letter_sink::writer* letters) {
    if (letters == nullptr) return;
    make_ready("the dead-letter sink", [&] { letters->open(); });
    letters_ = letters;
}

void opening::close_letters(run_state& state) noexcept {
    auto* const letters = std::exchange(letters_, nullptr);
    if (letters == nullptr) return;
    try {
        letters->close();
    } catch (const std::exception& error) {
        state.fail_run(detail::affordable_text(
            [&] { return std::string("the dead-letter sink failed when it was closed: ") + error.what(); }));
    } catch (...) {
        state.fail_run(detail::affordable_text([] {
            return std::string("the dead-letter sink failed when it was closed: it threw what is no std::exception");
        }));
    }
}

}  // namespace penstock
