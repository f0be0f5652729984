#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <ostream>
#include <random>
#include <utility>

#include "tests/relay.hpp"

namespace penstock::testing {

/// A network that loses COMMITs: the first of every batch, and now and then the next one, too. A third of them
/// is lost before the server sees it, of a third the answer is lost, and a third is frozen: in turn before the server
/// sees it and with its answer.
class lossy_commits {
public:
    explicit lossy_commits(unsigned seed) : dice_(seed) {}

    /// What comes before the first item is of the preflight, and passes. Any thread.
    void begin() noexcept { begun_ = true; }

    /// The relay's question.
    relay::fate fate_of(relay::moment now) {
        // What follows rows, or keys, is a batch that has something to lose.
        if (now == relay::moment::copy_data) writing_ = begun_;
        if (now == relay::moment::commit_answer) return std::exchange(answer_, relay::fate::pass);
        if (now != relay::moment::commit || !std::exchange(writing_, false)) return relay::fate::pass;
        if (std::exchange(tried_again_, false) && dice_() % 4 != 0) return relay::fate::pass;
        const blow next = draw();
        ++blows_[next];
        tried_again_ = next == early || next == frozen;
        switch (next) {
            case early: return relay::fate::cut;
            case late: answer_ = relay::fate::cut; return relay::fate::pass;
            case frozen: return relay::fate::freeze;
            default: answer_ = relay::fate::freeze; return relay::fate::pass;
        }
    }

    std::size_t all() const { return blows_[early] + blows_[late] + blows_[frozen] + blows_[answer_frozen]; }

    friend std::ostream& operator<<(std::ostream& out, const lossy_commits& of) {
        return out << of.blows_[early] << " COMMITs lost early, " << of.blows_[late] << " late, " << of.blows_[frozen]
                   << " frozen early, " << of.blows_[answer_frozen] << " late";
    }

private:
    enum blow : std::size_t { early, late, frozen, answer_frozen };

    /// From a deck that has two of each third.
    blow draw() {
        if (dealt_ == 0) std::shuffle(deck_.begin(), deck_.end(), dice_);
        return deck_[std::exchange(dealt_, (dealt_ + 1) % deck_.size())];
    }

    std::mt19937 dice_;
    std::atomic<bool> begun_{false};
    bool writing_ = false;      ///< Something was sent since the last COMMIT.
    bool tried_again_ = false;  ///< The next of these COMMITs is of a batch that has lost one.
    relay::fate answer_ = relay::fate::pass;
    std::array<blow, 6> deck_{early, early, late, late, frozen, answer_frozen};
    std::size_t dealt_ = 0;
    std::array<std::size_t, 4> blows_{};
};

}  // namespace penstock::testing
