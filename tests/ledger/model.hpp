#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "stages/store/connection.hpp"
#include "stages/store/ledger_reader.hpp"
#include "tests/schedules/choices.hpp"
#include "work.hpp"

namespace penstock::testing {

/// What a batch is to do with each of a few items.
struct ledger_batch {
    /// `twice` are two items of one key.
    enum class deed : unsigned char { nothing, rows, none, twice, refused, dead, dropped };
    static constexpr std::size_t items = 7;

    std::array<deed, items> deeds{};
    std::int64_t number = 0;  ///< See `detail::ledger_page`.

    /// The items that come to the writer, in their order.
    std::vector<std::size_t> written() const {
        std::vector<std::size_t> all;
        for (std::size_t item = items; item-- > 0;)
            if (deeds[item] >= deed::rows && deeds[item] <= deed::refused) all.push_back(item);
        for (std::size_t item = 0; item < items; ++item)
            if (deeds[item] == deed::twice) all.push_back(item);
        return all;
    }
};

/// A ledger and its rows as they should be, thought out without a database.
class ledger_model {
public:
    struct entry_state {
        item_state state = item_state::pending;
        std::int64_t batch = 0;
        bool has_rows = false;
    };
    struct expectation {
        std::vector<std::size_t> refused, skipped;
    };

    bool settled(std::size_t item, bool retry_dead) const {
        const auto& one = entries_[item];
        return one && one->state != item_state::pending && (one->state != item_state::dead || !retry_dead);
    }
    bool is_dead(std::size_t item) const { return entries_[item] && entries_[item]->state == item_state::dead; }

    /// Carries a batch out. A database that `knows_its_batches` takes what an earlier try has settled for its own.
    expectation write(const ledger_batch& batch, bool retry_dead, bool knows_its_batches) {
        using deed = ledger_batch::deed;
        expectation all;
        std::array<bool, ledger_batch::items> seen{};
        const std::vector<std::size_t> written = batch.written();
        for (std::size_t place = 0; place < written.size(); ++place) {
            const std::size_t item = written[place];
            auto& one = entries_[item];
            const bool first = !std::exchange(seen[item], true);
            if (first && !settled(item, retry_dead)) {
                if (batch.deeds[item] == deed::refused) {
                    all.refused.push_back(place);
                    one.reset();
                } else {
                    one = {item_state::committed, batch.number, batch.deeds[item] != deed::none};
                }
                continue;
            }
            const bool ours = first && one->state == item_state::committed && one->batch == batch.number;
            if (!ours || !knows_its_batches) all.skipped.push_back(place);
        }
        for (std::size_t item = 0; item < ledger_batch::items; ++item) {
            const deed what = batch.deeds[item];
            if ((what == deed::dead || what == deed::dropped) && (!settled(item, retry_dead) || is_dead(item)))
                entries_[item] = {what == deed::dead ? item_state::dead : item_state::dropped, 0, false};
        }
        return all;
    }

    /// "item|state" of all entries, and "item|rows" of all that have rows.
    std::vector<std::string> entries() const {
        std::vector<std::string> all;
        for (std::size_t item = 0; item < ledger_batch::items; ++item)
            if (entries_[item])
                all.push_back(std::to_string(item) + "|" + std::to_string(static_cast<int>(entries_[item]->state)));
        return all;
    }
    std::vector<std::string> rows() const {
        std::vector<std::string> all;
        for (std::size_t item = 0; item < ledger_batch::items; ++item)
            if (entries_[item] && entries_[item]->has_rows) all.push_back(std::to_string(item) + "|2");
        return all;
    }

private:
    std::array<std::optional<entry_state>, ledger_batch::items> entries_;
};

}  // namespace penstock::testing
