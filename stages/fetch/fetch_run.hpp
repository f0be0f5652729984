#pragma once

#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "attempt_clocks.hpp"
#include "block_pool.hpp"
#include "body_budget.hpp"
#include "descriptor_budget.hpp"
#include "identity_set.hpp"
#include "job_pool.hpp"
#include "mailbox.hpp"
#include "multi_set.hpp"
#include "origin_reader.hpp"
#include "penstock/detail/metric_block.hpp"
#include "penstock/detail/run_services.hpp"
#include "proxy_set.hpp"
#include "redirect.hpp"
#include "schedule.hpp"
#include "socket_set.hpp"
#include "stoppable_clock.hpp"
#include "target_set.hpp"
#include "transfer_pool.hpp"

namespace penstock::fetch_stage {

/// One run of fetch: what the I/O thread does and owns. Made on another thread, then used by the I/O thread alone.
class fetch_run final : private transfer_listener {
public:
    /// `keeps` is the session of the client that it fetches for, if there is one. Throws `std::bad_alloc` or
    /// `std::system_error`.
    fetch_run(const fetch_options& options, detail::run_services& run, mailbox& mail, detail::session* keeps = nullptr);
    ~fetch_run();
    fetch_run(const fetch_run&) = delete;
    fetch_run& operator=(const fetch_run&) = delete;

    /// Runs until the mailbox holds the order to close.
    void loop() noexcept;

private:
    // fetch_run.cpp: the rounds of the loop.
    void round() noexcept;
    void obey(unsigned orders) noexcept;
    void give_back_all(bool under_way_too) noexcept;
    void take_items() noexcept;
    void expire() noexcept;
    void wake_sleepers() noexcept;
    void start_jobs() noexcept;
    void begin_safely(job& one) noexcept;
    void harvest() noexcept;
    void deliver() noexcept;
    std::chrono::milliseconds patience() const noexcept;
    void call_off_late_attempts() noexcept;

    // make_room.cpp: what is held up until bytes are let go.
    void held_up(transfer& one) noexcept override;
    void go_on() noexcept;
    void look_for_room() noexcept;
    void ask_for_room() noexcept;

    // attempt.cpp: the life of a job.
    void name_known(const job& of) noexcept override;
    void admit(detail::slot& item);
    host_queue* find_host(const request& asked, bool plain, split_url& where, failure& why);
    void begin(job& one);
    void ended(transfer& sent, CURLcode result);
    bool count_answer(const transfer& sent) noexcept;
    bool redirected(transfer& sent);
    void succeed(transfer& sent);
    void judge(transfer& sent, verdict judged);
    void call_off(transfer& late, std::string_view option, std::chrono::milliseconds time);
    void give_transfer_back(transfer& sent) noexcept;

    // find_way.cpp: through which proxy a job goes.
    bool find_way(job& one);
    void start_waiters() noexcept;
    void leave_way(job& one) noexcept;
    std::string shown_proxy(const job& one) const;
    std::optional<verdict> find_verdict(const transfer& sent, const attempt_facts& facts, const proxied_facts* way);
    void note_at_proxy(job& one, const verdict& judged);
    bool may_switch(const job& one) noexcept;
    void switch_proxy(job& one, const failure& why);
    void end_without_proxies() noexcept;

    // ask_target.cpp: targets that are taken for dead.
    breaker::pass ask_target(const job& one) noexcept;
    void begin_asking(job& one, breaker::pass as) noexcept;
    void end_asking(job& one) noexcept;
    void turn_away(job& one) noexcept;
    void note_alive(job& one) noexcept;
    void note_answer(job& one) noexcept;
    void note_failure(job& one, const verdict& judged);
    void let_held_go() noexcept;
    void let_go(job& one) noexcept;

    // try_again.cpp: what becomes of an attempt that failed.
    void retry_or_fail(job& one, const verdict& judged, std::chrono::seconds retry_after);
    void sleep(job& one, time_point until, const failure& why);
    void give_up(job& one, giving_up reason, failure why, std::chrono::seconds retry_after);

    // pause.cpp: origins that their servers have wait.
    static bool asks_for_a_pause(int status, std::chrono::seconds retry_after) noexcept;
    void pause(host_queue& host, std::chrono::nanoseconds time) noexcept;
    void park(host_queue& host) noexcept;
    void park_all(host_queue& host) noexcept;
    void shed(host_queue& host) noexcept;
    failure no_place(const host_queue& host) const noexcept;
    void tell_parked() noexcept;

    // settle_job.cpp: how a job leaves.
    void fail(job& one, failure why) noexcept;
    void fail(detail::slot& item, unsigned attempts, failure why) noexcept;
    void fail_for_lack_of_memory(job& one) noexcept;
    failure out_of_time(const std::string& what) const;
    void run_out_of_time(job& one);
    void leave(job& one) noexcept;
    void detach(job& one) noexcept;

    using beyond_share = fetch_options::beyond_share;

    const fetch_options& options_;
    detail::session* const session_;  // Null if it fetches for no client.
    detail::run_services& run_;
    mailbox& mail_;
    detail::metric_block::fetch_block& figures_;
    detail::byte_account& account_;
    retry_policy policy_;
    time_point now_;
    unsigned orders_ = mailbox::none;
    std::minstd_rand dice_;

    header_list headers_;
    detail::block_pool::owner blocks_;
    descriptor_budget budget_;
    socket_set sockets_;
    identity_set identities_;  // Easy handles leave their shares before these go.
    session_book own_exits_;   // Where no client has them.
    proxy_set proxies_;
    target_set targets_;
    breaker::rules breaker_rules_;
    bool breaker_works_;  // False if there are too few proxies for it ever to open.
    schedule schedule_;
    job_pool jobs_;
    jobs_by_age by_age_;
    wake_heap<job> sleeping_;
    attempt_clocks clocks_;
    stoppable_clock
        item_clock_;  // Stands still while pages are in the way of others: no item is to be blamed for that.
    body_budget bodies_;
    std::size_t parked_told_ = 0;
    bool room_needed_ = false;  // For a job that may be sent otherwise.
    std::uint64_t room_at_ = detail::byte_account::never;
    multi_set multis_;
    transfer_pool transfers_;  // Behind `multis_`: easy handles leave their multi before it goes.
    detail::slot_chain finished_;
    origin_reader origins_;
};

}  // namespace penstock::fetch_stage
