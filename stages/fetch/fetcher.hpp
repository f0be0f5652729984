#pragma once

#include <memory>

#include "fetch_run.hpp"
#include "mailbox.hpp"
#include "penstock/detail/any_feed.hpp"
#include "penstock/detail/own_thread.hpp"
#include "penstock/stages/fetch/fetch_options.hpp"
#include "session.hpp"

namespace penstock::fetch_stage {

/// The fetch stage as the engine sees it. `submit`, `stop` and `abandon` may be called from any thread; `open` and
/// `close` from one at a time.
class fetcher final : public detail::any_feed {
public:
    /// The options have been checked. Throws `std::system_error` or `std::runtime_error`.
    explicit fetcher(fetch_options options, std::shared_ptr<detail::session> keeps = nullptr);
    ~fetcher() override;

    const detail::value_type& makes() const noexcept override { return detail::value_type_of<page>; }
    /// Starts the thread. Throws `preflight_failed` if there is no thread, descriptor or memory for it.
    void open(detail::run_services& run) override;
    void submit(detail::slot& item) noexcept override { mail_.leave(item); }
    void stop() noexcept override { mail_.leave(mailbox::stop); }
    void abandon() noexcept override { mail_.leave(mailbox::abandon); }
    void close() noexcept override;

private:
    fetch_options options_;
    std::shared_ptr<detail::session> session_;  ///< Null if it fetches for no client.
    mailbox mail_;
    std::unique_ptr<fetch_run> run_;
    detail::own_thread thread_;
};

}  // namespace penstock::fetch_stage
