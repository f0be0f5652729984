#pragma once

#include <cstddef>
#include <future>
#include <memory>
#include <mutex>
#include <optional>

#include "linked_list.hpp"
#include "penstock/archive.hpp"
#include "penstock/client_options.hpp"
#include "penstock/detail/any_feed.hpp"
#include "penstock/detail/metric_block.hpp"
#include "penstock/detail/run_services.hpp"
#include "penstock/detail/slot.hpp"
#include "penstock/page.hpp"
#include "session.hpp"

namespace penstock::detail {

/// A call's item, with its rooms: a base of their own, so that they are there before the slot and behind it.
struct client_call_rooms {
    alignas(request) std::byte origin_room[sizeof(request)];
    alignas(page) std::byte value_room[sizeof(page)];
    alignas(page) std::byte spare_room[sizeof(page)];
};
struct client_call final : client_call_rooms, slot {
    explicit client_call(request asked);

    std::promise<page> to;
    fetch_stage::list_link<client_call> place;
};

/// The calls of a client: a run of fetch in which each call is an item with a slot of its own, which begins with the
/// first call and ends with this. Any thread.
class client_calls final : private run_services {
public:
    /// Throws `bad_option` or `std::bad_alloc`.
    client_calls(const client_options& options, fetch_options fetching, std::shared_ptr<session> keeps);
    ~client_calls();
    client_calls(const client_calls&) = delete;
    client_calls& operator=(const client_calls&) = delete;

    /// Begins a call. What goes wrong is in the future. Throws `std::bad_alloc`.
    std::future<page> begin(request asked);

    const metric_block& figures() const noexcept { return figures_; }

private:
    void take(client_call& one);
    void settle(client_call& one) noexcept;
    page hand_over(client_call& one) const;

    void deliver(slot_chain items) noexcept override;
    void settle(slot_chain, outcome) noexcept override {}
    void fail_run(std::string) noexcept override {}
    bool abandoned() const noexcept override { return false; }
    metric_block& metrics() noexcept override { return figures_; }
    std::size_t queue_size() const noexcept override { return most_transfers; }
    std::size_t max_bytes_in_flight() const noexcept override { return std::size_t{256} << 20; }
    std::chrono::nanoseconds item_timeout() const noexcept override { return call_timeout_; }

    static constexpr std::size_t most_transfers = 1000;

    const std::chrono::milliseconds call_timeout_;
    const std::optional<archive> archive_;
    metric_block figures_{{}};
    std::unique_ptr<any_feed> feed_;
    std::mutex mutex_;  ///< Of what follows.
    bool started_ = false;
    fetch_stage::linked_list<client_call, &client_call::place> under_way_;
};

}  // namespace penstock::detail
