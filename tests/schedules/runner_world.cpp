#include "runner_world.hpp"

#include <tbb/task.h>

#include <new>
#include <stdexcept>
#include <thread>
#include <utility>

#include "penstock/compose.hpp"
#include "penstock/detail/callable_stage.hpp"
#include "penstock/errors.hpp"
#include "penstock/sources/generate.hpp"
#include "penstock/stages/store.hpp"
#include "scripted_feed.hpp"

namespace penstock::testing {

namespace {

using namespace std::chrono_literals;

struct stored_row {
    std::int64_t item;
    std::int64_t number;
    std::int64_t good;  ///< The database refuses rows where it is not 1.
};

template <class In, class Callable>
void add_stage(detail::blueprint& to, mode how, const char* name, Callable callable) {
    using detail::callable_stage;
    switch (how) {
        case mode::parallel:
            to.stages.push_back(std::make_unique<callable_stage<Callable, In, mode::parallel>>(name, callable));
            return;
        case mode::serial:
            to.stages.push_back(std::make_unique<callable_stage<Callable, In, mode::serial>>(name, callable));
            return;
        case mode::in_order:
            to.stages.push_back(std::make_unique<callable_stage<Callable, In, mode::in_order>>(name, callable));
            return;
    }
}

template <class In, class Callable>
std::unique_ptr<detail::any_sink> make_sink(mode how, const char* name, Callable callable) {
    using detail::callable_sink;
    if (how == mode::parallel) return std::make_unique<callable_sink<Callable, In, mode::parallel>>(name, callable);
    if (how == mode::serial) return std::make_unique<callable_sink<Callable, In, mode::serial>>(name, callable);
    return std::make_unique<callable_sink<Callable, In, mode::in_order>>(name, callable);
}

}  // namespace

class runner_world::value {
public:
    value(runner_world& in, std::uint64_t item) : in_(&in), item_(item) { in_->alive_.fetch_add(1); }
    value(value&& other) noexcept : in_(other.in_), item_(other.item_) { in_->alive_.fetch_add(1); }
    value& operator=(value&&) = delete;
    ~value() { in_->alive_.fetch_sub(1); }
    std::uint64_t item() const noexcept { return item_; }

private:
    runner_world* in_;
    std::uint64_t item_;
};

runner_world::runner_world(std::span<const std::uint8_t> bytes, shared_file* file, bool naps)
    : script_(bytes), file_(file) {
    static constexpr std::size_t counts[] = {7, 0, 1, 2, 3, 40, 200};
    static constexpr std::size_t queues[] = {1, 2, 3, 8, 64};
    static constexpr unsigned workers[] = {2, 1, 8};
    static constexpr std::chrono::milliseconds drains[] = {30s, 1ms, 20ms};
    options_.max_workers = script_.pick(workers);
    options_.queue_size = script_.pick(queues);
    options_.drain_timeout = script_.pick(drains);
    options_.stop = stop_.get_token();
    options_.abandon = abandon_.get_token();
    std::size_t items = script_.pick(counts);
    const unsigned slow = script_.byte();
    naps_ = naps && slow % 32 == 31;
    if (naps_) {  // So that there are others whom the nap could hold up, and who may go on.
        options_.max_workers = 2;
        options_.queue_size = 8;
        items = 40;
    }
    throws_at_ = script_.one_in(16) ? script_.below(64) : items;
    ends_at_ = script_.one_in(3) ? 1 + script_.byte() + 2U * script_.byte() : 0;
    how_it_ends_ = script_.below(3);
    letters_fail_ = script_.one_in(16);
    rests_at_ = slow % 8 == 7 ? script_.below(32) : items;
    for (std::size_t i = 0; i < items; ++i) items_.push_back(plan_item());
    seen_ = std::vector<item_seen>(items);
    options_.dead_letters = [this](const dead_letter& letter) {
        seen_[letter.item].letters.fetch_add(1);
        if (letter.how == outcome::in_doubt) seen_[letter.item].in_doubt = true;
        called();
        if (!letters_fail_) return;
        letters_threw_ = true;
        throw 1;
    };
}

runner_world::item_plan runner_world::plan_item() {
    static constexpr deed deeds[] = {deed::pass,
                                     deed::pass,
                                     deed::pass,
                                     deed::pass,
                                     deed::pass,
                                     deed::pass,
                                     deed::pass,
                                     deed::pass,
                                     deed::pass,
                                     deed::pass,
                                     deed::drop,
                                     deed::fail,
                                     deed::throw_exception,
                                     deed::throw_number,
                                     deed::throw_failure,
                                     deed::throw_no_memory};
    const unsigned rest = script_.byte();
    return {.fails_in_feed = (rest & 15) == 15,
            .first = script_.pick(deeds),
            .second = script_.pick(deeds),
            .sink_throws = (rest >> 4) == 15,
            .rows = (rest + 1) % 4,
            .refused = (rest >> 4) == 15};
}

void runner_world::called() {
    if (calls_.fetch_add(1) + 1 != ends_at_) return;
    if (how_it_ends_ != 1) stop_.request_stop();
    if (how_it_ends_ != 0) abandon_.request_stop();
}

/// Notes who works.
void runner_world::worked() {
    (tbb::task::current_context() != nullptr ? ways_.tbb : ways_.alone) = true;
    const std::thread::id napper = napper_;
    if (napper != std::thread::id() && napper != std::this_thread::get_id()) ways_.relieved = true;
}

void runner_world::nap() {
    if (tbb::task::current_context() == nullptr) napper_ = std::this_thread::get_id();
    std::this_thread::sleep_for(130ms);
    napper_ = std::thread::id();
}

std::optional<std::uint64_t> runner_world::next() {
    called();
    if (given_ == rests_at_ && rests_at_ < items_.size()) std::this_thread::sleep_for(15ms);
    if (given_ == throws_at_ && throws_at_ < items_.size()) throw std::runtime_error("scripted: the source is gone");
    if (given_ == items_.size()) return std::nullopt;
    return given_++;
}

runner_world::value runner_world::act(deed what, value&& in, bool& drop) {
    called();
    worked();
    switch (what) {
        case deed::pass: break;
        case deed::drop: drop = true; break;
        case deed::fail:
        case deed::throw_failure: throw failure{error_kind::stage, "scripted"};
        case deed::throw_exception: throw std::runtime_error("scripted");
        case deed::throw_number: throw 1;
        case deed::throw_no_memory: throw std::bad_alloc();
    }
    return std::move(in);
}

mode runner_world::choose_mode() {
    static constexpr mode modes[] = {mode::parallel, mode::serial, mode::in_order};
    const mode how = script_.pick(modes);
    return naps_ && how == mode::in_order ? mode::serial : how;  // In order all would wait for the nap.
}

detail::blueprint runner_world::plan() {
    detail::blueprint made = generate([this] { return next(); }).release();
    const bool fed = script_.one_in(2);
    if (fed) {
        const std::uint32_t seed = script_.byte();
        made.feed = std::make_unique<scripted_feed>(detail::value_type_of<value>, seed, [this](detail::slot& item) {
            called();
            const std::uint64_t number = *static_cast<const std::uint64_t*>(item.origin());
            if (items_[number].fails_in_feed) return item.fail("feed", {error_kind::request, "scripted"});
            std::construct_at(static_cast<value*>(item.value()), *this, number);
            item.set_value(detail::value_type_of<value>);
        });
    } else {
        for (item_plan& one : items_) one.fails_in_feed = false;
        add_stage<std::uint64_t>(made, choose_mode(), "begin",
                                 [this](std::uint64_t number) { return value(*this, number); });
    }
    add_stage<value>(made, naps_ ? mode::parallel : choose_mode(), "first", [this](value in) -> result<value> {
        bool drop = false;
        if (naps_ && in.item() == rests_at_) nap();
        const deed what = items_[in.item()].first;
        if (what == deed::fail) return called(), failure{error_kind::stage, "scripted"};
        value out = act(what, std::move(in), drop);
        if (drop) return dropped;
        return out;
    });
    add_sink(made, choose_mode());
    return made;
}

void runner_world::add_sink(detail::blueprint& made, mode how) {
    if (file_ == nullptr) {
        add_stage<value>(made, choose_mode(), "second", [this](value in) -> std::optional<value> {
            bool drop = false;
            std::optional<value> out(act(items_[in.item()].second, std::move(in), drop));
            if (drop) out.reset();
            return out;
        });
        made.sink = make_sink<value>(how, "sink", [this](value in) {
            called();
            worked();
            if (items_[in.item()].sink_throws) throw 1;
            seen_[in.item()].reached_sink.fetch_add(1);
        });
        return;
    }
    add_stage<value>(made, how, "second", [this](value in) -> std::optional<std::vector<stored_row>> {
        bool drop = false;
        const value out = act(items_[in.item()].second, std::move(in), drop);
        if (drop) return std::nullopt;
        std::vector<stored_row> rows(items_[out.item()].rows);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const bool last = i + 1 == rows.size();
            rows[i] = {static_cast<std::int64_t>(out.item()), static_cast<std::int64_t>(i),
                       last && items_[out.item()].refused ? 0 : 1};
        }
        return rows;
    });
    static constexpr std::size_t batches[] = {5000, 1, 2, 7};
    static constexpr std::chrono::milliseconds ages[] = {2ms, 1ms, 10ms};
    const auto piece =
        detail::make_store_piece(database(file_->url()),
                                 table("rows", column("item", &stored_row::item), column("number", &stored_row::number),
                                       column("good", &stored_row::good)),
                                 {.max_rows = script_.pick(batches), .max_age = script_.pick(ages)});
    made.stages.push_back(piece.make_stage<std::vector<stored_row>>());
    made.sink = piece.make_sink();
}

std::string runner_world::run() {
    if (file_ != nullptr) file_->clear();
    report done;
    {
        pipeline job(plan());
        try {
            done = job.run(options_);
        } catch (const run_failed& failed) {
            done = failed.report();
        }
    }
    return judge(done);
}

}  // namespace penstock::testing
