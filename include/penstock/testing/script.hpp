#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "penstock/source.hpp"

namespace penstock::testing {

/// A source that does what a test tells it: gives values, blocks, throws, never ends.
///
///     ps::testing::script<std::string> urls;
///     urls.give("http://…/1").block().give("http://…/2").raise(std::runtime_error("the file is gone"));
///     auto job = urls.source() | …;
///
/// The steps are played in their order, from the first again in each run, and the source ends behind the last one. The
/// script must outlive the pipelines made of it. Steps are added while no run goes on; all else may be called from any
/// thread at any time. One run at a time.
template <class Value>
class script {
public:
    script() = default;
    script(const script&) = delete;
    script& operator=(const script&) = delete;

    /// Gives a value; each run is given a copy of its own.
    script& give(Value value) {
        return add([value = std::move(value)](std::uint64_t) { return std::optional<Value>(value); });
    }
    /// Gives these values one after the other.
    script& give_all(std::vector<Value> values) {
        for (Value& value : values) give(std::move(value));
        return *this;
    }
    /// Never ends: gives what `make` returns for 0, 1, 2, … Steps behind it are not reached.
    script& give_for_ever(std::function<Value(std::uint64_t)> make) {
        add([make = std::move(make)](std::uint64_t played) { return std::optional<Value>(make(played)); });
        steps_.back().again = true;
        return *this;
    }

    /// Blocks until `release` was called once more than there were blocks before, or the run's stop token is used; then
    /// the source ends.
    script& block() {
        return add([this](std::uint64_t) { return wait(true); });
    }
    /// Blocks until `release` only, as a callable does that never looks at a token.
    script& block_deaf() {
        return add([this](std::uint64_t) { return wait(false); });
    }

    /// Throws a copy of anything, also of what is no `std::exception`.
    template <class Thrown>
    script& raise(Thrown what) {
        return add([what = std::move(what)](std::uint64_t) -> std::optional<Value> { throw what; });
    }

    /// Calls this on the source's thread, when its turn comes: it gives a value, nothing to go on, or throws.
    script& act(std::function<std::optional<Value>()> what) {
        return add([what = std::move(what)](std::uint64_t) { return what(); });
    }

    /// The source of the script, for the head of a chain; its name is "script".
    bare_source<Value> source() {
        penstock::detail::blueprint plan;
        plan.source = std::make_unique<player>(*this);
        return bare_source<Value>(std::move(plan));
    }

    /// Lets one `block` or `block_deaf` go on: the one that waits, or the next that is reached.
    void release() {
        {
            const std::lock_guard lock(mutex_);
            ++releases_;
        }
        changed_.notify_all();
    }

    /// Waits until the source blocks; false if it does not within `most`.
    bool wait_until_blocked(std::chrono::milliseconds most = std::chrono::seconds(10)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, most, [this] { return blocked_; });
    }

    /// How many values the current or last run was given.
    std::uint64_t given() const {
        const std::lock_guard lock(mutex_);
        return given_;
    }
    /// How often the current or last run asked for a value, also where it was given none.
    std::uint64_t asked() const {
        const std::lock_guard lock(mutex_);
        return asked_;
    }

private:
    /// A value to give; nothing: go on with the next step, or end if the run is ending.
    using action = std::function<std::optional<Value>(std::uint64_t played)>;
    struct step {
        action act;
        bool again = false;
    };

    class player final : public penstock::detail::any_source {
    public:
        explicit player(script& of) : any_source("script", penstock::detail::value_type_of<Value>), of_(&of) {}
        void open() override { of_->rewind(); }
        bool next(void* room, const std::stop_token& stop) override {
            std::optional<Value> one = of_->play(stop);
            if (!one.has_value()) return false;
            std::construct_at(static_cast<Value*>(room), *std::move(one));
            return true;
        }

    private:
        script* of_;
    };

    script& add(action act) {
        steps_.push_back({std::move(act)});
        return *this;
    }

    void rewind() {
        const std::lock_guard lock(mutex_);
        at_ = 0;
        played_ = given_ = asked_ = 0;
    }

    std::optional<Value> play(const std::stop_token& stop) {
        count(asked_);
        stop_ = stop;
        while (at_ < steps_.size()) {
            const step& now = steps_[at_];
            if (!now.again) ++at_;
            if (std::optional<Value> one = now.act(now.again ? played_++ : 0)) {
                count(given_);
                return one;
            }
            if (stop.stop_requested()) return std::nullopt;
        }
        return std::nullopt;
    }

    std::optional<Value> wait(bool heeds_stop) {
        std::unique_lock lock(mutex_);
        blocked_ = true;
        changed_.notify_all();
        const auto released = [this] { return releases_ != 0; };
        if (heeds_stop) {
            changed_.wait(lock, stop_, released);
        } else {
            changed_.wait(lock, released);
        }
        if (releases_ != 0) --releases_;
        blocked_ = false;
        return std::nullopt;
    }

    void count(std::uint64_t& what) {
        const std::lock_guard lock(mutex_);
        ++what;
    }

    std::vector<step> steps_;
    std::size_t at_ = 0;  // The source's thread's own, as are the next two.
    std::uint64_t played_ = 0;
    std::stop_token stop_;

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::uint64_t releases_ = 0;
    std::uint64_t given_ = 0;
    std::uint64_t asked_ = 0;
    bool blocked_ = false;
};

}  // namespace penstock::testing
