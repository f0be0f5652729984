#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "penstock/detail/any_feed.hpp"

namespace penstock::testing {

/// A feed with a thread of its own that answers items one by one or several at once, in their order or not, as the
/// seed has it.
class scripted_feed final : public detail::any_feed {
public:
    /// `answer` makes an item's value or its failure.
    scripted_feed(const detail::value_type& makes, std::uint32_t seed, std::function<void(detail::slot&)> answer)
        : makes_(makes), seed_(seed), answer_(std::move(answer)) {}
    ~scripted_feed() override { close(); }

    const detail::value_type& makes() const noexcept override { return makes_; }

    void open(detail::run_services& run) override {
        run_ = &run;
        thread_ = std::thread([this] { work(); });
    }
    void submit(detail::slot& item) noexcept override {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(&item);
        changed_.notify_one();
    }
    void stop() noexcept override { order(stopped_); }
    void abandon() noexcept override { order(stopped_); }
    void close() noexcept override {
        order(closed_);
        if (thread_.joinable()) thread_.join();
    }

private:
    void order(bool& what) noexcept {
        const std::lock_guard lock(mutex_);
        what = true;
        changed_.notify_one();
    }

    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            detail::slot_chain some;
            for (std::uint32_t left = 1 + dice() % 4; left != 0 && !waiting_.empty(); --left) some.push_back(*take());
            const bool answered = !stopped_;
            lock.unlock();
            for (detail::slot* one = some.first(); answered && one != nullptr; one = one->next) answer_(*one);
            run_->deliver(some);
            lock.lock();
        }
    }

    detail::slot* take() {
        detail::slot* one = nullptr;
        if (dice() % 2 == 0) {
            one = waiting_.front();
            waiting_.pop_front();
        } else {
            one = waiting_.back();
            waiting_.pop_back();
        }
        return one;
    }

    std::uint32_t dice() noexcept { return (seed_ = seed_ * 1'664'525 + 1'013'904'223) >> 16; }

    const detail::value_type& makes_;
    std::uint32_t seed_;
    std::function<void(detail::slot&)> answer_;
    detail::run_services* run_ = nullptr;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<detail::slot*> waiting_;
    bool stopped_ = false, closed_ = false;
    std::thread thread_;
};

}  // namespace penstock::testing
