#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "choices.hpp"
#include "clocks_seen.hpp"
#include "fetch_by_hand.hpp"
#include "pipeline/admit.hpp"
#include "pipeline/intake.hpp"
#include "pipeline/run_state.hpp"
#include "pipeline/stage_rows.hpp"
#include "scripted_curl.hpp"
#include "scripted_pieces.hpp"
#include "store_by_hand.hpp"
#include "transfers_seen.hpp"
#include "virtual_clock.hpp"
#include "witness.hpp"

namespace penstock::testing {

/// One run of the engine's machines on one thread and a clock of its own: admission, fetch, stages and store are the
/// real ones, what is outside of them is chosen by bytes: the servers, the database, the callables, who moves when.
///
/// fetch's loop runs on the caller's thread; whenever it would sleep in `epoll_wait`, the others move. Once the bytes
/// have run out everybody moves in turn and nothing more goes wrong: then the run must come to its end.
class world {
public:
    explicit world(std::span<const std::uint8_t> bytes);
    ~world();
    world(const world&) = delete;
    world& operator=(const world&) = delete;

    /// Runs to the end; says what should not have been, or nothing.
    std::string run();

    /// What a schedule has come to, for those who want to know that schedules differ.
    struct summary {
        report done;
        std::size_t steps = 0;
    };
    const summary& told() const noexcept { return summary_; }
    const scripted_curl& network() const noexcept { return curl_; }

    /// In place of the system's `epoll_wait`.
    int wait(epoll_event* events, int most, int patience);
    void watch(int fd) noexcept {
        if (bell_ < 0) bell_ = fd;
    }

private:
    detail::blueprint plan();
    run_options options();

    bool move(std::chrono::steady_clock::time_point fetch_due);
    bool move_in_turn(std::chrono::steady_clock::time_point fetch_due);
    void disturb();
    void meanwhile_writing();
    void meanwhile_working();
    void meanwhile_delivering();
    void meanwhile_fetching(const curl_easy& added);
    void expect_fetch_awake(std::chrono::steady_clock::time_point fetch_due);
    void judge_reason();

    bool may_admit();
    void admit();
    void flow_some(std::size_t most);
    bool flow_on();
    std::size_t bytes_of_pages();
    void look_at_bytes();
    bool store();
    bool act_as_watch();
    bool let_transfer_go_on();
    bool leap(std::chrono::steady_clock::time_point fetch_due);
    void close_what_has_ended();
    void look();
    void stop();
    void abandon();
    int events_for_fetch(epoll_event* events, int most);
    bool bell_rings() const;

    /// What goes wrong in this schedule; most of them have trouble of a few kinds only, and so come further.
    struct troubles {
        bool servers, callables, database, ends;
        bool crowded;  ///< Bodies are large enough to be in each other's way.
    };
    static troubles troubles_of(unsigned byte);

    choices script_;
    const troubles trouble_;
    virtual_clock clock_;
    scripted_curl curl_;
    witness seen_;

    fetch_by_hand* feed_ = nullptr;
    store_by_hand* sink_ = nullptr;
    scripted_source* source_ = nullptr;
    bool letters_fail_ = false, letters_threw_ = false;
    bool asked_to_end_ = false;
    std::size_t hosts_;
    run_options options_;
    detail::blueprint plan_;
    clocks_seen clocks_;
    transfers_seen transfers_;
    run_state state_;
    admission admitting_{plan_, state_, state_.doing()};
    watched_services services_{state_, [this] { meanwhile_delivering(); }};
    stage_rows rows_{plan_, state_, state_.doing()};
    intake intake_{state_, rows_};

    /// A group that is on its way through the rows, as TBB's tokens carry them.
    struct token {
        detail::slot_chain group;
        std::size_t row;
    };
    std::vector<token> tokens_;
    bool source_over_ = false, flow_over_ = false, all_over_ = false;
    bool draining_ = false, cut_ = false;
    bool fetch_knows_of_stop_ = false, fetch_knows_of_cut_ = false;
    bool left_for_fetch_ = false;  ///< An item, since it has last looked.
    bool pages_were_out_ = false;  ///< When it last looked for room.
    bool room_awaited_ = false;    ///< It went to sleep while bytes of pages kept somebody waiting.
    std::chrono::steady_clock::time_point drain_end_{};
    int bell_ = -1;
    unsigned in_a_write_ = 0;
    summary summary_;
};

/// Runs the schedule that the bytes stand for; empty if all was well.
std::string run_machines(std::span<const std::uint8_t> bytes);

}  // namespace penstock::testing
