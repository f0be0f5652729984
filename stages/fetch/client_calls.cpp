#include "client_calls.hpp"

#include <exception>
#include <string>
#include <utility>

#include "penstock/call_failed.hpp"
#include "split_url.hpp"

namespace penstock::detail {

client_call::client_call(request asked) : slot(origin_room, value_room, spare_room) {
    std::construct_at(static_cast<request*>(origin()), std::move(asked));
    set_origin(value_type_of<request>);
    admitted = std::chrono::steady_clock::now();
    attempts = 0;
}

client_calls::client_calls(const client_options& options, fetch_options fetching, std::shared_ptr<session> keeps)
    : call_timeout_(options.call_timeout),
      archive_(options.save_dir.empty() ? std::nullopt : std::optional<archive>(options.save_dir)),
      feed_(make_fetch(std::move(fetching), std::move(keeps))) {}

client_calls::~client_calls() {
    if (!started_) return;
    feed_->abandon();
    feed_->close();
    while (client_call* const left = under_way_.front()) settle(*left);
}

std::future<page> client_calls::begin(request asked) {
    auto one = std::make_unique<client_call>(std::move(asked));
    std::future<page> result = one->to.get_future();
    try {
        take(*one);
        feed_->submit(*one.release());
    } catch (...) {
        one->to.set_exception(std::current_exception());
    }
    return result;
}

void client_calls::take(client_call& one) {
    const std::lock_guard lock(mutex_);
    if (!started_) {
        try {
            feed_->open(*this);
        } catch (const std::exception& error) {
            throw call_failed({error_kind::local_resource, error.what()});
        }
        started_ = true;
    }
    under_way_.push_back(one);
}

void client_calls::deliver(slot_chain items) noexcept {
    while (slot* const one = items.pop_front()) settle(static_cast<client_call&>(*one));
}

void client_calls::settle(client_call& one) noexcept {
    {
        const std::lock_guard lock(mutex_);
        under_way_.erase(one);
    }
    const std::unique_ptr<client_call> owner(&one);
    try {
        one.to.set_value(hand_over(one));
    } catch (...) {
        one.to.set_exception(std::current_exception());
    }
}

/// The page of a call that is over. Throws `call_failed` if there is none.
page client_calls::hand_over(client_call& one) const {
    if (one.has_failed()) throw call_failed(one.why(), one.attempts);
    if (!one.holds_value()) {
        const std::string& url = static_cast<const request*>(one.origin())->url;
        throw call_failed(
            {error_kind::other, "the client ended before the page was there: " + fetch_stage::show_url(url)},
            one.attempts);
    }
    page made = std::move(*static_cast<page*>(one.value()));
    one.drop_value();
    try {
        if (archive_) archive_->save(made);
    } catch (const std::exception&) {  // Promised: the page is worth more than its copy.
    }
    return made;
}

}  // namespace penstock::detail
