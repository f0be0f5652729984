#pragma once

#include <vector>

#include "job.hpp"

namespace penstock::fetch_stage {

/// Jobs that sleep until their next attempt, the first to wake on top. Any of them can be taken out. One thread.
class retry_heap {
public:
    bool empty() const noexcept { return heap_.empty(); }
    /// The job that wakes first; only if there is one.
    job& top() const noexcept { return *heap_.front(); }

    /// Throws `std::bad_alloc`, and has done nothing then.
    void push(job& one) {
        heap_.push_back(&one);
        one.sleeping_at = heap_.size();
        rise(heap_.size() - 1);
    }

    void erase(job& one) noexcept {
        const std::size_t at = one.sleeping_at - 1;
        one.sleeping_at = 0;
        job* const last = heap_.back();
        heap_.pop_back();
        if (last == &one) return;
        put(*last, at);
        rise(at);
        sink(last->sleeping_at - 1);
    }

private:
    void put(job& one, std::size_t at) noexcept {
        heap_[at] = &one;
        one.sleeping_at = at + 1;
    }
    void rise(std::size_t at) noexcept {
        job& one = *heap_[at];
        while (at > 0 && one.wakes < heap_[(at - 1) / 2]->wakes) {
            put(*heap_[(at - 1) / 2], at);
            at = (at - 1) / 2;
        }
        put(one, at);
    }
    void sink(std::size_t at) noexcept {
        job& one = *heap_[at];
        for (std::size_t child = 2 * at + 1; child < heap_.size(); child = 2 * at + 1) {
            if (child + 1 < heap_.size() && heap_[child + 1]->wakes < heap_[child]->wakes) ++child;
            if (one.wakes <= heap_[child]->wakes) break;
            put(*heap_[child], at);
            at = child;
        }
        put(one, at);
    }

    std::vector<job*> heap_;
};

}  // namespace penstock::fetch_stage
