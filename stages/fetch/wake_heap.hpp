#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace penstock::fetch_stage {

/// What sleeps until its time, the first to wake on top. Any of them can be taken out. Its members `Time` and `Place`
/// belong to the heap while it sleeps there. One thread.
template <class Sleeper, auto Time = &Sleeper::wakes, auto Place = &Sleeper::sleeping_at>
class wake_heap {
public:
    bool empty() const noexcept { return heap_.empty(); }
    /// What wakes first; only if there is something.
    Sleeper& top() const noexcept { return *heap_.front(); }

    /// Makes room for so many, so that pushing them cannot fail. Throws `std::bad_alloc`.
    void reserve(std::size_t count) {
        if (count > heap_.capacity()) heap_.reserve(std::max(count, 2 * heap_.capacity()));
    }

    /// Throws `std::bad_alloc`, and has done nothing then.
    void push(Sleeper& one) {
        heap_.push_back(&one);
        one.*Place = heap_.size();
        rise(heap_.size() - 1);
    }

    void erase(Sleeper& one) noexcept {
        const std::size_t at = one.*Place - 1;
        one.*Place = 0;
        Sleeper* const last = heap_.back();
        heap_.pop_back();
        if (last == &one) return;
        put(*last, at);
        rise(at);
        sink(last->*Place - 1);
    }

private:
    void put(Sleeper& one, std::size_t at) noexcept {
        heap_[at] = &one;
        one.*Place = at + 1;
    }
    void rise(std::size_t at) noexcept {
        Sleeper& one = *heap_[at];
        while (at > 0 && one.*Time < heap_[(at - 1) / 2]->*Time) {
            put(*heap_[(at - 1) / 2], at);
            at = (at - 1) / 2;
        }
        put(one, at);
    }
    void sink(std::size_t at) noexcept {
        Sleeper& one = *heap_[at];
        for (std::size_t child = 2 * at + 1; child < heap_.size(); child = 2 * at + 1) {
            if (child + 1 < heap_.size() && heap_[child + 1]->*Time < heap_[child]->*Time) ++child;
            if (one.*Time <= heap_[child]->*Time) break;
            put(*heap_[child], at);
            at = child;
        }
        put(one, at);
    }

    std::vector<Sleeper*> heap_;
};

}  // namespace penstock::fetch_stage
