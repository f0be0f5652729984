#include "penstock/detail/letter_turns.hpp"

namespace penstock::detail {

namespace {

/// The call that this thread is in. A run that begins within it waits on this thread, so calls end in reverse order.
thread_local letter_turns::turn* innermost = nullptr;

}  // namespace

letter_turns::turn::turn(letter_turns& of) : of_(of), outer_(innermost) {
    of_.mutex_.lock();
    innermost = this;
}

letter_turns::turn::~turn() {
    innermost = outer_;
    of_.mutex_.unlock();
}

letter_turns::turn* letter_turns::own_turn() const noexcept {
    turn* one = innermost;
    while (one != nullptr && &one->of_ != this) one = one->outer_;
    return one;
}

void letter_turns::run_begins() {
    turn* const own = own_turn();
    if (own != nullptr && own->runs_++ == 0) mutex_.unlock();
}

void letter_turns::run_ends() {
    turn* const own = own_turn();
    if (own != nullptr && --own->runs_ == 0) mutex_.lock();
}

}  // namespace penstock::detail
