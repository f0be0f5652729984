#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "choices.hpp"
#include "penstock/detail/blueprint.hpp"
#include "penstock/report.hpp"
#include "penstock/run_options.hpp"
#include "shared_file.hpp"

namespace penstock::testing {

/// One run of a whole pipeline on its real threads. Bytes choose the chain, the bounds, what becomes of each item, and
/// after which of all calls of callables somebody stops or abandons the run; the threads do the rest.
class runner_world {
public:
    /// Without a file the sink is a callable.
    /// Some schedules have a callable that holds its worker up for longer than a worker alone may be, if `naps` allows
    /// it.
    runner_world(std::span<const std::uint8_t> bytes, shared_file* file, bool naps);
    std::string run();

    /// Who took items through the stages.
    struct ways {
        std::atomic<bool> alone{false};     ///< The flow's own thread,
        std::atomic<bool> tbb{false};       ///< TBB's,
        std::atomic<bool> relieved{false};  ///< and others while one that was alone was held up.
    };
    const ways& told() const noexcept { return ways_; }

private:
    /// What a callable does with an item.
    enum class deed : unsigned char { pass, drop, fail, throw_exception, throw_number, throw_failure, throw_no_memory };
    static bool goes_wrong(deed what) { return what > deed::drop; }

    struct item_plan {
        bool fails_in_feed = false;
        deed first = deed::pass;
        deed second = deed::pass;
        bool sink_throws = false;
        unsigned rows = 1;
        bool refused = false;  ///< By the database; only if it has rows.
    };
    /// What was seen of an item; each member is written by one thread at a time.
    struct item_seen {
        std::atomic<unsigned> reached_sink{0};
        std::atomic<unsigned> letters{0};
        std::atomic<bool> in_doubt{false};
    };

    /// A value that knows whether it is alive.
    class value;

    item_plan plan_item();
    mode choose_mode();
    detail::blueprint plan();
    void add_sink(detail::blueprint& made, mode how);
    std::optional<std::uint64_t> next();
    void called();
    void worked();
    void nap();
    value act(deed what, value&& in, bool& drop);
    std::string judge(const report& done);
    std::string judge_items(const report& done);
    std::string judge_rows(std::uint64_t& committed);
    outcome expected(std::size_t item) const;

    choices script_;
    shared_file* file_;
    run_options options_;
    std::stop_source stop_, abandon_;
    std::size_t throws_at_;  ///< The source, at this item.
    std::uint64_t ends_at_;  ///< The call after which somebody ends the run; 0: never.
    unsigned how_it_ends_;
    bool letters_fail_;
    std::size_t rests_at_;  ///< The source, before this item, for so long that one worker goes on alone.
    bool naps_;             ///< A callable, at that item.
    std::vector<item_plan> items_;
    std::vector<item_seen> seen_;
    std::size_t given_ = 0;
    std::atomic<std::uint64_t> calls_{0};
    std::atomic<std::int64_t> alive_{0};
    std::atomic<bool> letters_threw_{false};
    ways ways_;
    std::atomic<std::thread::id> napper_{};  ///< Who naps alone.
};

}  // namespace penstock::testing
