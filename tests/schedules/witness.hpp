#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "penstock/dead_letter.hpp"
#include "penstock/failure.hpp"
#include "pipeline/run_state.hpp"
#include "virtual_clock.hpp"

namespace penstock::testing {

/// What a schedule's pieces have seen of one item.
struct sighting {
    enum class verdict : unsigned char { none, passed, dropped, failed };

    bool open = true;  ///< Taken and not yet settled.
    virtual_clock::time_point admitted{};
    unsigned attempts = 0;
    bool under_way = false;
    std::size_t body_size = 0;                      ///< Of the page that its last attempt sent.
    virtual_clock::time_point began{};              ///< When its last attempt did.
    std::chrono::nanoseconds held_up{0};            ///< For so long of that it was held up.
    std::chrono::nanoseconds stood_still_least{0};  ///< What the item clock had lost at its admission, at the least
    std::chrono::nanoseconds stood_still_most{0};   ///< and at the most.
    bool whole = false;                             ///< Its last attempt sent a whole page.
    unsigned hops = 0;                              ///< Of its last attempt.
    virtual_clock::time_point not_before{};         ///< The soonest that its next attempt may begin.
    virtual_clock::time_point not_after{};          ///< And the latest, if nothing holds it up.
    bool no_memory = false;                         ///< Its last attempt, or the start of one, ran out of it.
    bool turned_away = false;                       ///< Told to come back later than fetch waits.
    bool parsed = false;                            ///< A stage was given its page.
    verdict said = verdict::none;                   ///< What the stages made of it.
    std::uint32_t rows = 0;                         ///< Given to the sink.
    bool in_database = false;                       ///< Committed for certain.
    bool in_doubt = false;                          ///< Sent to a database that was lost at COMMIT.
    bool refused = false;                           ///< By the database.
    bool settled_without_rows = false;              ///< In a batch that had nothing to write.
    std::optional<outcome> letter;                  ///< What its dead letter says.
};

/// Watches one run from the outside and notes what must never be. It keeps the first finding; what comes after it may
/// follow from it.
class witness {
public:
    bool found() const noexcept { return !finding_.empty(); }
    const std::string& finding() const noexcept { return finding_; }
    void note(const std::string& what, std::optional<std::uint64_t> item = {});
    /// Notes it unless it holds.
    void expect(bool holds, const char* what, std::optional<std::uint64_t> item = {}) {
        if (!holds) note(what, item);
    }

    /// The source gave the next item.
    std::uint64_t given() {
        items_.emplace_back();
        return items_.size() - 1;
    }
    std::size_t taken() const noexcept { return items_.size(); }
    /// What was seen of an item; of a dummy if there is none of this number, which is noted.
    sighting& operator[](std::uint64_t item);

    /// True if an item is between its admission and its page or failure.
    bool in_fetch(std::uint64_t item) const noexcept {
        return items_[item].open && !items_[item].parsed && !items_[item].letter;
    }

    bool nobody_open() const noexcept;

    void saw(const dead_letter& letter);

    /// Looks at the whole run, between two steps: who holds a slot, and whether the figures are what was seen.
    void look(run_state& state);
    /// Looks for the last time: nothing is open and, if the run went its full course, nothing was abandoned.
    void close(const report& done);

private:
    void look_at_slots(run_state& state);
    void look_at_figures(run_state& state);
    outcome outcome_of(std::uint64_t item);

    std::string finding_;
    std::vector<sighting> items_;
    struct place {
        std::optional<std::uint64_t> holder;
        bool poisoned = false;
    };
    std::vector<place> places_;  ///< By slot.
    std::array<std::uint64_t, outcome_count> settled_{};
    sighting nobody_;
};

}  // namespace penstock::testing
