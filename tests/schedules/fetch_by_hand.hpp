#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "penstock/detail/any_feed.hpp"
#include "penstock/detail/run_services.hpp"
#include "stages/fetch/fetch_run.hpp"

namespace penstock::testing {

/// A run's services as fetch has them, with something that happens after each delivery.
class watched_services final : public detail::run_services {
public:
    watched_services(detail::run_services& run, std::function<void()> delivered)
        : run_(run), delivered_(std::move(delivered)) {}

    void deliver(detail::slot_chain items) noexcept override {
        run_.deliver(std::move(items));
        delivered_();
    }
    void settle(detail::slot_chain items, outcome how) noexcept override { run_.settle(std::move(items), how); }
    void fail_run(std::string reason) noexcept override { run_.fail_run(std::move(reason)); }
    bool abandoned() const noexcept override { return run_.abandoned(); }
    detail::metric_block& metrics() noexcept override { return run_.metrics(); }
    std::size_t queue_size() const noexcept override { return run_.queue_size(); }
    std::size_t max_bytes_in_flight() const noexcept override { return run_.max_bytes_in_flight(); }
    std::chrono::nanoseconds item_timeout() const noexcept override { return run_.item_timeout(); }

private:
    detail::run_services& run_;
    std::function<void()> delivered_;
};

/// The fetch stage without its thread: `loop` runs on the caller's, until `close`.
class fetch_by_hand final : public detail::any_feed {
public:
    explicit fetch_by_hand(fetch_options options) : options_(std::move(options)) { fetch_stage::check(options_); }

    const detail::value_type& makes() const noexcept override { return detail::value_type_of<page>; }
    void open(detail::run_services& run) override {
        run_ = std::make_unique<fetch_stage::fetch_run>(options_, run, mail_);
    }
    void submit(detail::slot& item) noexcept override { mail_.leave(item); }
    void stop() noexcept override { mail_.leave(fetch_stage::mailbox::stop); }
    void abandon() noexcept override { mail_.leave(fetch_stage::mailbox::abandon); }
    void close() noexcept override { mail_.leave(fetch_stage::mailbox::close); }

    const fetch_options& options() const noexcept { return options_; }
    void loop() { run_->loop(); }
    /// Before the run's services go.
    void end() noexcept { run_.reset(); }

private:
    fetch_options options_;
    fetch_stage::mailbox mail_;
    std::unique_ptr<fetch_stage::fetch_run> run_;
};

}  // namespace penstock::testing
