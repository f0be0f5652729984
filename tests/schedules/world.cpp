#include "world.hpp"

#include <stdexcept>
#include <utility>

#include "penstock/errors.hpp"
#include "seams.hpp"

namespace penstock::testing {

namespace {

using namespace std::chrono_literals;
using time_point = std::chrono::steady_clock::time_point;

/// Far more than any schedule needs: whoever comes so far goes round in a circle.
constexpr std::size_t most_steps = 20'000;
constexpr auto longest_run = 48h;

/// So many workers there could be; who passes a row is chosen.
constexpr unsigned workers = 3;

constexpr std::size_t small_sizes[] = {0, 20, 64};
constexpr std::size_t large_sizes[] = {0, 200'000, 200'000, 200'000, 100'000};

fetch_options fetch_options_of(choices& script, bool crowded) {
    static constexpr std::chrono::milliseconds times[] = {100ms, 1ms, 1s, 30s};
    static constexpr std::chrono::milliseconds backoffs[] = {10ms, 1ms, 500ms, 5s};
    fetch_options options;
    options.retries = script.below(4);
    options.timeout = script.pick(times);
    options.connect_timeout = script.pick(times);
    options.backoff = script.pick(backoffs);
    options.max_backoff = options.backoff * (1 + 4 * script.below(4));
    options.max_redirects = script.below(3);
    options.connections_per_host = 1 + script.below(3);
    options.max_body = crowded ? 200'000 : 64;
    if (script.one_in(4)) {
        options.when_parked = fetch_options::beyond_share::die;
        options.parked_share = 0.01 + 0.33 * script.below(4);
    }
    if (!crowded) return options;
    options.timeout = std::max(options.timeout, 1'000ms);
    options.connections_per_host += 2;
    return options;
}

detail::batch_limits batch_limits_of(choices& script, std::size_t queue_size) {
    static constexpr std::size_t rows[] = {5000, 1, 2, 5};
    static constexpr std::size_t bytes[] = {8 << 20, 1, 8, 40};
    static constexpr std::chrono::milliseconds ages[] = {500ms, 1ms, 1h};
    return {script.pick(rows), script.pick(bytes), detail::max_batch_items(queue_size), script.pick(ages)};
}

fetch_stage::descriptor_budget budget_of(choices& script, std::size_t queue_size) {
    return {script.one_in(2) ? 1 + script.below(3) : queue_size, 1 + script.below(3)};
}

}  // namespace

world::world(std::span<const std::uint8_t> bytes)
    : script_(bytes),
      trouble_(troubles_of(script_.byte())),
      hosts_(1 + script_.below(4)),
      options_(options()),
      plan_(plan()),
      clocks_(seen_, curl_, feed_->options(), options_.item_timeout),
      transfers_(script_, seen_, curl_, feed_->options(),
                 {here.budget.transfers, feed_->options().connections_per_host, here.budget.resolving}, clocks_,
                 trouble_.crowded ? std::span<const std::size_t>(large_sizes) : small_sizes, trouble_.servers),
      state_(plan_, options_, workers) {
    here.running = this;
    curl_.on_added = [this, seen = curl_.on_added](curl_easy& one) {
        seen(one);
        meanwhile_fetching(one);
    };
    curl_.on_body_taken = [this](curl_easy&) { look_at_bytes(); };
}

world::~world() {
    here.running = nullptr;
    // After a finding transfers may be under way, and fetch lets go of them when nobody watches any more.
    curl_.on_removed = [](curl_easy&) {};
    feed_->end();
}

world::troubles world::troubles_of(unsigned byte) {
    return {(byte & 3) != 0, (byte & 12) != 0, (byte & 48) != 0, (byte & 64) != 0, (byte & 128) != 0};
}

run_options world::options() {
    static constexpr std::size_t queues[] = {1, 2, 3, 5, 8, 20};
    static constexpr std::chrono::milliseconds times[] = {300s, 1ms, 200ms, 5s};
    static constexpr std::size_t narrow[] = {256 << 20, 1, 10, 30, 200};
    static constexpr std::size_t wide[] = {256 << 20, 150'000, 140'000, 160'000, 1, 200'000, 70'000};
    run_options chosen;
    chosen.queue_size = script_.pick(queues) * (trouble_.crowded ? 4 : 1);
    chosen.item_timeout = script_.pick(times);
    chosen.drain_timeout = script_.pick(times);
    chosen.max_bytes_in_flight = trouble_.crowded ? script_.pick(wide) : script_.pick(narrow);
    chosen.dead_letters = [this](const dead_letter& letter) {
        seen_.saw(letter);
        if (!letters_fail_ || script_.exhausted()) return;
        letters_threw_ = true;
        if (script_.one_in(2)) throw 1;
        throw std::runtime_error("scripted: no room for letters");
    };
    here.budget = budget_of(script_, chosen.queue_size);
    if (trouble_.crowded) here.budget.transfers += 2;
    return chosen;
}

detail::blueprint world::plan() {
    static constexpr std::size_t counts[] = {3, 0, 1, 2, 7, 12, 30};
    static constexpr std::size_t many[] = {7, 12, 30};
    const std::size_t items = trouble_.crowded ? script_.pick(many) : script_.pick(counts);
    detail::blueprint made;
    auto source = std::make_unique<scripted_source>(script_, seen_, items, hosts_, trouble_.callables);
    auto feed = std::make_unique<fetch_by_hand>(fetch_options_of(script_, trouble_.crowded));
    auto database = std::make_unique<scripted_connection>(
        script_, seen_, [this] { meanwhile_writing(); }, trouble_.database);
    auto sink = std::make_unique<store_by_hand>(batch_limits_of(script_, options_.queue_size), std::move(database),
                                                script_, seen_);
    source_ = source.get();
    feed_ = feed.get();
    sink_ = sink.get();
    made.source = std::move(source);
    made.feed = std::move(feed);
    made.stages.push_back(std::make_unique<scripted_parse>(
        script_, seen_, [this] { meanwhile_working(); }, trouble_.callables));
    made.stages.push_back(std::make_unique<scripted_encode>(
        script_, seen_, [this] { meanwhile_working(); }, trouble_.callables));
    made.sink = std::move(sink);
    return made;
}

std::string world::run() {
    sink_->open(state_);
    feed_->open(services_);
    feed_->loop();
    if (seen_.found()) return seen_.finding();
    look();
    seen_.expect(seen_.nobody_open(), "an item is left for the sweep");
    try {
        summary_.done = state_.finish();
    } catch (const run_failed& failed) {
        summary_.done = failed.report();
    }
    look();
    seen_.close(summary_.done);
    judge_reason();
    return seen_.finding();
}

void world::judge_reason() {
    const scripted_connection& database = sink_->database();
    const bool failed = source_->threw() || letters_threw_ || (database.gone() && !database.interrupted());
    const end_reason reason = summary_.done.reason;
    seen_.expect(!failed || reason == end_reason::failed, "a run that has failed and does not say so");
    seen_.expect(!asked_to_end_ || reason != end_reason::completed, "a run that was ended and does not say so");
    const bool cause = failed || asked_to_end_ || database.gone();
    seen_.expect(cause || reason == end_reason::completed, "a run that ended without a cause");
}

int world::wait(epoll_event* events, int most, int patience) {
    const time_point due = patience < 0 ? time_point::max() : clock_.now() + std::chrono::milliseconds(patience);
    const bool pages_out = std::exchange(pages_were_out_, false) || bytes_of_pages() != 0;
    clocks_.begin_wait(due, pages_out);
    room_awaited_ = pages_out && clocks_.anyone_held_up();
    seen_.expect(!fetch_knows_of_cut_ || curl_.under_way().empty(), "a transfer goes on after the abandon");
    for (;;) {
        close_what_has_ended();
        look();
        expect_fetch_awake(due);
        if (++summary_.steps > most_steps) seen_.note("the run does not come to its end");
        if (clock_.passed() > longest_run) seen_.note("the run does not come to its end in time");
        if (seen_.found()) feed_->close();
        if (all_over_ || seen_.found()) return 0;
        const bool fetch_moves = script_.exhausted() ? move_in_turn(due) : move(due);
        if (!fetch_moves) continue;
        if (draining_) transfers_.stop();
        fetch_knows_of_stop_ = draining_;
        fetch_knows_of_cut_ = cut_;
        left_for_fetch_ = false;
        clocks_.end_wait();
        return events_for_fetch(events, most);
    }
}

std::string run_machines(std::span<const std::uint8_t> bytes) { return world(bytes).run(); }

}  // namespace penstock::testing
