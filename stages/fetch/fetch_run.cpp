#include "fetch_run.hpp"

#include <algorithm>
#include <cstdlib>

#include "curl_memory.hpp"
#include "penstock/detail/have_near.hpp"
#include "random_seed.hpp"
#include "request_headers.hpp"

namespace penstock::fetch_stage {

namespace {

constexpr std::size_t transfers_of_a_multi = 32;
constexpr std::size_t most_multis = 32;

/// Of libcurl's memory, while no transfer uses it.
constexpr std::size_t most_memory_kept = std::size_t{8} << 20;

std::size_t count_multis(std::size_t transfers) noexcept {
    return std::clamp<std::size_t>((transfers + transfers_of_a_multi - 1) / transfers_of_a_multi, 1, most_multis);
}

/// libcurl has a buffer of 16 KiB for each transfer under way and frees it at its end. Where many end at once, glibc
/// gives the end of the thread's heap back to the system, to ask for it again for the next ones: a page fault for each
/// 4 KiB. It keeps twice as much as the largest block that it has seen come and go. And it asks for a growing heap by
/// the page, with a system call each; a second block of that size, now from the heap of the calling thread, asks for
/// all of it at once.
void let_malloc_keep_buffers(std::size_t transfers) noexcept {
    constexpr std::size_t half_a_buffer = 9 << 10;
    for (int times = 0; times < 2; ++times) {
        // No compiler omits it.
        void* volatile const block = std::malloc(std::min(transfers * half_a_buffer, most_memory_kept));
        std::free(block);
    }
}

/// What libcurl holds for a transfer under way is kept for the next one: its buffer, and about 4 KiB in small blocks.
/// What decompresses a body, 40 KiB, has to fit into the same.
std::size_t count_memory(std::size_t transfers) noexcept {
    return std::min(transfers * (std::size_t{20} << 10), most_memory_kept);
}

/// A transfer needs one connection, so a multi handle of n transfers always finds an idle one to close when it needs
/// another; a smaller cache than that is much slower. Each identity of proxies keeps twice its share, for they are not
/// all used alike.
std::size_t count_connections(std::size_t transfers, std::size_t proxies) noexcept {
    const std::size_t parts = proxies == 0 ? count_multis(transfers) : proxies;
    return ((proxies == 0 ? 1 : 2) * transfers + parts - 1) / parts + 1;
}

/// With proxies there are twice as many connections as transfers: half of them rest.
descriptor_budget budget_for(const fetch_options& options, std::size_t queue_size) noexcept {
    if (options.proxies.empty()) return read_descriptor_budget(queue_size);
    descriptor_budget budget = read_descriptor_budget(2 * queue_size);
    budget.transfers = std::max<std::size_t>(1, budget.transfers / 2);
    return budget;
}

std::size_t parked_most(std::size_t queue_size, double share) noexcept {
    return std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(queue_size) * share));
}

}  // namespace

fetch_run::fetch_run(const fetch_options& options, detail::run_services& run, mailbox& mail, detail::session* keeps)
    : options_(options),
      session_(keeps),
      run_(run),
      mail_(mail),
      figures_(run.metrics().fetch),
      account_(run.metrics().bodies),
      policy_(options),
      now_(std::chrono::steady_clock::now()),
      dice_(std::random_device()()),
      headers_(make_header_list(options.headers, {}, options.compression, false)),
      blocks_(detail::block_pool::make()),
      budget_(budget_for(options, run.queue_size())),
      own_exits_(random_seed(), random_seed()),
      proxies_(options, run.metrics().proxies, std::random_device()(), keeps != nullptr ? keeps->exits() : own_exits_),
      breaker_rules_{.max_failures = options.breaker.max_target_failures,
                     .min_distinct = options.breaker.min_distinct_proxies,
                     .open_for = options.breaker.open_for},
      breaker_works_(std::max<std::size_t>(1, options.proxies.size()) >= options.breaker.min_distinct_proxies),
      schedule_({.under_way = std::min<std::size_t>(budget_.transfers, options.connections),
                 .per_host = options.connections_per_host,
                 .resolving = budget_.resolving,
                 .all = pace(options.rate, options.burst),
                 .each = pace(options.rate_per_host, options.burst_per_host),
                 .parked = parked_most(run.queue_size(), options.parked_share)}),
      clocks_({.whole = options.timeout, .connection = options.connect_timeout}),
      bodies_(run.max_bytes_in_flight()),
      multis_(count_multis(budget_.transfers), count_connections(budget_.transfers, options.proxies.size()),
              !options.proxies.empty(), sockets_),
      transfers_(budget_.transfers, multis_,
                 {options, headers_.get(), multis_.share(), *blocks_, bodies_, sockets_, *this, session_}) {
    sockets_.watch_bell(mail.bell());
    account_.open(mail);
}

fetch_run::~fetch_run() { account_.close(bodies_.finished(), bodies_.peak()); }

void fetch_run::loop() noexcept {
    const std::size_t transfers = std::min<std::size_t>(budget_.transfers, options_.connections);
    let_malloc_keep_buffers(transfers);
    curl_memory memory(count_memory(transfers));
    while ((orders_ & mailbox::close) == 0) round();
}

void fetch_run::round() noexcept {
    const std::chrono::milliseconds most = patience();
    const bool may_sleep = most.count() != 0 && mail_.fall_asleep(orders_) && account_.released() < room_at_;
    const auto events = sockets_.wait(may_sleep ? most : std::chrono::milliseconds(0));
    mail_.awake();
    now_ = std::chrono::steady_clock::now();
    multis_.set_time(now_);
    schedule_.set_time(now_);

    for (const socket_set::event& event : events) {
        if (event.bell) {
            mail_.silence();
        } else {
            multis_.act(event);
        }
    }
    harvest();
    look_for_room();
    obey(mail_.orders());
    take_items();
    expire();
    wake_sleepers();
    let_held_go();
    go_on();
    start_jobs();
    // A request on a kept connection is sent by its first timer, which is due at once.
    multis_.act_on_timers();
    harvest();
    go_on();
    start_jobs();
    ask_for_room();
    tell_parked();
    deliver();
}

std::chrono::milliseconds fetch_run::patience() const noexcept {
    time_point first = std::min({multis_.next_timer(), clocks_.next(), schedule_.next_time()});
    if (!sleeping_.empty()) first = std::min(first, sleeping_.top().wakes);
    first = std::min({first, proxies_.next_time(now_), targets_.next_time()});
    if (by_age_.front() != nullptr) first = std::min(first, item_clock_.when(by_age_.front()->deadline));
    if (first == time_point::max()) return std::chrono::milliseconds(-1);
    return std::max(std::chrono::milliseconds(0), std::chrono::ceil<std::chrono::milliseconds>(first - now_));
}

void fetch_run::obey(unsigned orders) noexcept {
    if (orders == orders_) return;
    orders_ = orders;
    if ((orders & mailbox::abandon) != 0) {
        give_back_all(true);
    } else if ((orders & mailbox::stop) != 0) {
        give_back_all(false);
    }
}

void fetch_run::give_back_all(bool under_way_too) noexcept {
    for (job* one = by_age_.front(); one != nullptr;) {
        job* const next = jobs_by_age::behind(*one);
        if (one->sending == nullptr || under_way_too) {
            detach(*one);
            leave(*one);
        }
        one = next;
    }
}

void fetch_run::take_items() noexcept {
    detail::slot_chain items = mail_.take_items();
    while (detail::slot* const item = items.pop_front()) {
        if (!items.empty()) detail::have_origin_near(*items.first());
        item->attempts = 0;
        if (orders_ != mailbox::none) {
            finished_.push_back(*item);
            continue;
        }
        try {
            admit(*item);
        } catch (...) {
            fail(*item, 0, {error_kind::local_resource, "out of memory"});
        }
    }
}

void fetch_run::expire() noexcept {
    const time_point item_time = item_clock_.at(now_);
    while (by_age_.front() != nullptr && by_age_.front()->deadline <= item_time) {
        job& one = *by_age_.front();
        try {
            run_out_of_time(one);
        } catch (...) {
            fail_for_lack_of_memory(one);
        }
    }
    call_off_late_attempts();
}

void fetch_run::call_off_late_attempts() noexcept {
    const auto call_off_safely = [this](transfer& late, std::string_view option, std::chrono::milliseconds time) {
        job& one = *late.work;
        try {
            call_off(late, option, time);
        } catch (...) {
            fail_for_lack_of_memory(one);
        }
    };
    while (timed_attempt* const late = clocks_.late(now_)) {
        call_off_safely(static_cast<transfer&>(*late), "timeout", options_.timeout);
    }
    while (timed_attempt* const timed = clocks_.late_connection(now_)) {
        auto& late = static_cast<transfer&>(*timed);
        clocks_.connected(late);
        if (late.reached() < phase::waiting) call_off_safely(late, "connect_timeout", options_.connect_timeout);
    }
}

void fetch_run::wake_sleepers() noexcept {
    while (!sleeping_.empty() && sleeping_.top().wakes <= now_) {
        job& one = sleeping_.top();
        sleeping_.erase(one);
        schedule_.wait(one);
    }
}

void fetch_run::start_jobs() noexcept {
    start_waiters();
    while (bodies_.may_begin()) {
        job* const one = schedule_.next();
        if (one == nullptr) break;
        begin_safely(*one);
    }
    room_needed_ = !bodies_.may_begin() && (schedule_.ready() || proxies_.waiter_ready(now_));
}

void fetch_run::begin_safely(job& one) noexcept {
    try {
        begin(one);
    } catch (...) {
        if (one.sending == nullptr) {
            leave_way(one);
            schedule_.not_sent(one);
            fail(one, {error_kind::local_resource, "out of memory"});
        } else {
            fail_for_lack_of_memory(one);
        }
    }
}

void fetch_run::harvest() noexcept {
    multis_.harvest([this](CURL* easy, CURLcode result) noexcept {
        char* owner = nullptr;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &owner);
        auto& sent = *reinterpret_cast<transfer*>(owner);
        sent.in_multi = false;
        job& one = *sent.work;
        try {
            ended(sent, result);
        } catch (...) {
            fail_for_lack_of_memory(one);
        }
    });
}

void fetch_run::deliver() noexcept {
    if (!finished_.empty()) run_.deliver(std::exchange(finished_, {}));
}

}  // namespace penstock::fetch_stage
