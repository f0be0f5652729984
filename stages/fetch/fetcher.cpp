#include "fetcher.hpp"

#include <exception>
#include <string>

#include "curl_handles.hpp"
#include "penstock/errors.hpp"
#include "penstock/stages/fetch/fetch_options.hpp"

namespace penstock::fetch_stage {

fetcher::fetcher(fetch_options options, std::shared_ptr<detail::session> keeps)
    : options_(std::move(options)), session_(std::move(keeps)) {
    start_curl();
}

fetcher::~fetcher() { close(); }

void fetcher::open(detail::run_services& run) {
    close();
    mail_.clear();
    try {
        run_ = std::make_unique<fetch_run>(options_, run, mail_, session_.get());
        thread_ = detail::own_thread("penstock-fetch", [work = run_.get()]() noexcept { work->loop(); });
    } catch (const std::exception& error) {
        run_.reset();
        throw preflight_failed(std::string("fetch: its thread could not be started: ") + error.what());
    }
}

void fetcher::close() noexcept {
    if (thread_.running()) {
        mail_.leave(mailbox::close);
        thread_.join();
    }
    run_.reset();
}

}  // namespace penstock::fetch_stage

namespace penstock::detail {

std::unique_ptr<any_feed> make_fetch(fetch_options options, std::shared_ptr<session> keeps) {
    fetch_stage::check(options);
    return std::make_unique<fetch_stage::fetcher>(std::move(options), std::move(keeps));
}

}  // namespace penstock::detail
