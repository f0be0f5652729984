#pragma once

#include <chrono>
#include <functional>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "choices.hpp"
#include "stages/store/connection.hpp"
#include "witness.hpp"

namespace penstock::testing {

/// A database whose answers are chosen. It knows what it was sent, and holds the writer to the rules: whole items,
/// each once, no more tries than allowed, and nothing after the end.
class scripted_connection final : public detail::connection {
public:
    /// `meanwhile` is called in the middle of each write: the world goes on while a database works.
    scripted_connection(choices& script, witness& seen, std::function<void()> meanwhile, bool trouble)
        : script_(script), seen_(seen), meanwhile_(std::move(meanwhile)), trouble_(trouble) {}

    detail::write_result write(std::span<const detail::encoded_rows* const> items) override {
        seen_.expect(!gone_, "a write to a database that is gone");
        seen_.expect(!items.empty(), "a write of nothing");
        for (const detail::encoded_rows* item : items) look_at(*item);
        meanwhile_();
        if (script_.one_in(2)) in_waits()();
        for (const detail::encoded_rows* item : items) look_at(*item);
        if (interrupted_ && !script_.one_in(3)) return {detail::write_end::interrupted, {}, {}};
        return answer(items);
    }

    bool pause(std::chrono::nanoseconds) noexcept override { return !interrupted_; }
    void interrupt() noexcept override { interrupted_ = true; }

    /// How an item's rows are written, so that they can be read again.
    static detail::encoded_rows encode(std::uint64_t item, std::uint32_t rows) {
        detail::encoded_rows encoded;
        // Once more than there are rows: an item without any has to be known as well.
        for (std::uint32_t row = 0; row <= rows; ++row) encoded.bytes += std::to_string(item) + ';';
        encoded.rows = rows;
        return encoded;
    }

    static std::uint64_t item_of(const detail::encoded_rows& rows) { return std::stoull(rows.bytes); }

    /// True once it will not take anything any more.
    bool gone() const noexcept { return gone_; }
    bool interrupted() const noexcept { return interrupted_; }

private:
    void look_at(const detail::encoded_rows& rows) {
        const std::uint64_t item = item_of(rows);
        seen_.expect(rows.bytes == encode(item, rows.rows).bytes, "rows of an item have changed", item);
        seen_.expect(seen_[item].rows == rows.rows, "an item without some of its rows", item);
        seen_.expect(seen_[item].open, "a write of an item that is settled", item);
        seen_.expect(!seen_[item].in_database, "an item written twice", item);
        seen_.expect(!seen_[item].in_doubt, "an item in doubt is written again", item);
    }

    detail::write_result answer(std::span<const detail::encoded_rows* const> items) {
        const unsigned said = trouble_ ? script_.below(16) : 0;
        if (said < 11) return commit(items, said >= 8);
        tries_ = said < 13 ? tries_ + 1 : 0;
        seen_.expect(tries_ <= 3, "a fourth try");
        if (said < 13) {
            // The third ends the run; what follows would be a batch that is not ours to send.
            gone_ = tries_ == 3;
            return {detail::write_end::try_again, "database_locked: scripted", {}};
        }
        gone_ = said != 15;
        if (said == 13) return {detail::write_end::gone, "database_io: scripted", {}};
        if (said == 14) throw std::bad_alloc();
        detail::write_result doubt{detail::write_end::in_doubt, "database_lost: scripted", refusals(items)};
        for (const detail::encoded_rows* item : items) {
            sighting& one = seen_[item_of(*item)];
            one.in_doubt = !one.refused;
        }
        return doubt;
    }

    detail::write_result commit(std::span<const detail::encoded_rows* const> items, bool some_refused) {
        tries_ = 0;
        detail::write_result done;
        if (some_refused) done.refused = refusals(items);
        for (const detail::encoded_rows* item : items) {
            sighting& one = seen_[item_of(*item)];
            one.in_database = !one.refused;
        }
        return done;
    }

    std::vector<detail::refusal> refusals(std::span<const detail::encoded_rows* const> items) {
        std::vector<detail::refusal> refused;
        for (std::size_t at = 0; at < items.size(); ++at) {
            if (items[at]->rows == 0 || !script_.one_in(2)) continue;
            seen_[item_of(*items[at])].refused = true;
            refused.push_back({at, "scripted refusal"});
        }
        return refused;
    }

    choices& script_;
    witness& seen_;
    std::function<void()> meanwhile_;
    const bool trouble_;
    unsigned tries_ = 0;
    bool gone_ = false;
    bool interrupted_ = false;
};

}  // namespace penstock::testing
