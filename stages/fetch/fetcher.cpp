#include "fetcher.hpp"

#include <pthread.h>
#include <signal.h>

#include <exception>
#include <string>

#include "curl_handles.hpp"
#include "penstock/errors.hpp"
#include "penstock/stages/fetch/fetch_options.hpp"

namespace penstock::fetch_stage {

namespace {

/// Blocks all signals on this thread while it lives, so that a thread made meanwhile is born with them blocked: the
/// host program's handlers never run on it, and a broken connection raises no SIGPIPE there.
class signals_blocked {
public:
    signals_blocked() noexcept {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &former_);
    }
    ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &former_, nullptr); }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;

private:
    sigset_t former_{};
};

}  // namespace

fetcher::fetcher(fetch_options options) : options_(std::move(options)) { start_curl(); }

fetcher::~fetcher() { close(); }

void fetcher::open(detail::run_services& run) {
    close();
    mail_.clear();
    try {
        run_ = std::make_unique<fetch_run>(options_, run, mail_);
        const signals_blocked here;
        thread_ = std::thread([work = run_.get()]() noexcept {
            pthread_setname_np(pthread_self(), "penstock-fetch");
            work->loop();
        });
    } catch (const std::exception& error) {
        run_.reset();
        throw preflight_failed(std::string("fetch: its thread could not be started: ") + error.what());
    }
}

void fetcher::close() noexcept {
    if (thread_.joinable()) {
        mail_.leave(mailbox::close);
        thread_.join();
    }
    run_.reset();
}

}  // namespace penstock::fetch_stage

namespace penstock::detail {

std::unique_ptr<any_feed> make_fetch(fetch_options options) {
    fetch_stage::check(options);
    return std::make_unique<fetch_stage::fetcher>(std::move(options));
}

}  // namespace penstock::detail
