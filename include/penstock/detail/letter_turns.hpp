#pragma once

#include <mutex>

namespace penstock::detail {

/// Lets the letters of all runs that share a callable come to it one at a time.
///
/// A callable may itself run a pipeline whose letters go to it again. It then waits for that run, so while the run goes
/// on it lends its turn: a lock that it kept would never be given to the run's threads.
class letter_turns {
public:
    /// A call of the callable, for as long as it takes. Waits until it is its turn.
    class turn {
    public:
        explicit turn(letter_turns& of);
        ~turn();
        turn(const turn&) = delete;
        turn& operator=(const turn&) = delete;

    private:
        friend class letter_turns;

        letter_turns& of_;
        turn* const outer_;  ///< The call that this thread was in before, of any sink.
        unsigned runs_ = 0;  ///< Those that began in this call and go on.
    };

    /// A run begins on this thread: a call that this thread is in lends its turn.
    void run_begins();

    /// It has ended, on the same thread: the turn is taken back, which may mean to wait for it.
    void run_ends();

private:
    turn* own_turn() const noexcept;

    std::mutex mutex_;
};

}  // namespace penstock::detail
