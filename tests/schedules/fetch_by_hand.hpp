#pragma once

#include <memory>
#include <utility>

#include "penstock/detail/any_feed.hpp"
#include "stages/fetch/fetch_run.hpp"

namespace penstock::testing {

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

private:
    fetch_options options_;
    fetch_stage::mailbox mail_;
    std::unique_ptr<fetch_stage::fetch_run> run_;
};

}  // namespace penstock::testing
