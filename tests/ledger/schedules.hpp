#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "model.hpp"
#include "tests/schedules/campaign.hpp"

// Programs that share a ledger, step by step as bytes choose, against a model. See promises.hpp for a `Place`.

namespace penstock::testing {

/// Two programs that write batches, write them again after a lost answer, look items up, are interrupted and start
/// anew.
template <class Place>
class ledger_world {
public:
    ledger_world(const Place& place, std::span<const std::uint8_t> bytes) : place_(place), script_(bytes) {
        for (program& one : programs_) open(one);
        place_.run("DELETE FROM entries; DELETE FROM penstock_ledger");
    }

    /// What should not have been; empty if all was well.
    std::string run() {
        for (std::size_t step = 0; step < 40 && !script_.exhausted() && finding_.empty(); ++step) {
            program& one = programs_[script_.below(2)];
            switch (script_.below(6)) {
                case 0: open(one); break;
                case 1: look_up(one); break;
                case 2: write(one, last_); break;
                case 3: interrupt(one); break;
                default: write(one, next()); break;
            }
            const std::string items = "WITH given(item, digits) AS (" + given_
                                      + ") SELECT item, state FROM penstock_ledger JOIN given ON digits = "
                                      + Place::digits + " ORDER BY item";
            expect(place_.ask(items) == model_.entries(), "another ledger than it should be");
            expect(place_.ask("SELECT item, count(*) FROM entries GROUP BY item ORDER BY item") == model_.rows(),
                   "other rows than there should be");
        }
        return finding_;
    }

private:
    struct program {
        bool retry_dead = false;
        std::unique_ptr<detail::connection> writer;
        std::unique_ptr<detail::ledger_reader> reader;
    };

    static item_key key_of(std::size_t item) { return key_of_text(std::to_string(item)); }
    static std::string all_items() {
        std::string all = "VALUES ";
        for (std::size_t item = 0; item < ledger_batch::items; ++item)
            all += (item == 0 ? "(" : ", (") + std::to_string(item) + ", '" + to_string(key_of(item)) + "')";
        return all;
    }
    void expect(bool so, const char* otherwise) {
        if (!so && finding_.empty()) finding_ = otherwise;
    }

    void open(program& one) {
        one.retry_dead = script_.one_in(3);
        const detail::table_specs tables{entries().spec()};
        const detail::ledger_terms terms = detail::terms_of({"shared", one.retry_dead}, tables);
        one.writer = detail::connect(place_.target(), tables, {}, {}, terms);
        one.reader = detail::open_ledger(place_.target(), tables, terms, {}, {});
    }
    ledger_batch next() {
        ledger_batch made;
        for (auto& deed : made.deeds) deed = static_cast<ledger_batch::deed>(script_.below(7));
        made.number = ++number_;
        return made;
    }

    void look_up(const program& by) {
        std::vector<item_key> keys;
        for (std::size_t item = 0; item < ledger_batch::items; ++item) keys.push_back(key_of(item));
        std::vector<bool> settled(keys.size());
        expect(by.reader->look_up(keys, settled).how == detail::look_up_end::found, "a look-up that fails");
        for (std::size_t item = 0; item < ledger_batch::items; ++item)
            expect(settled[item] == model_.settled(item, by.retry_dead), "a look-up that is wrong");
    }

    void write(program& by, ledger_batch batch) {
        // A run that leaves the dead alone takes none of them up, and so drops none.
        for (std::size_t item = 0; item < ledger_batch::items; ++item)
            if (batch.deeds[item] == ledger_batch::deed::dropped && model_.is_dead(item) && !by.retry_dead)
                batch.deeds[item] = ledger_batch::deed::nothing;
        const detail::write_result done = send(by, batch);
        expect(done.how == detail::write_end::committed, "a batch that fails");
        const ledger_model::expectation expected = model_.write(batch, by.retry_dead, Place::knows_its_batches);
        std::vector<std::size_t> refused;
        for (const detail::refusal& one : done.refused) refused.push_back(one.item);
        expect(refused == expected.refused, "other items refused");
        expect(done.skipped == expected.skipped, "other items skipped");
        last_ = batch;
    }
    void interrupt(program& one) {
        one.writer->interrupt();
        expect(send(one, next()).how == detail::write_end::interrupted, "a batch after an interruption");
        open(one);
    }

    detail::write_result send(program& by, const ledger_batch& batch) {
        const auto encoder = detail::make_encoder(place_.target(), entries().spec());
        std::vector<detail::encoded_rows> encoded;
        std::vector<item_key> keys;
        for (const std::size_t item : batch.written()) {
            encoder->begin();
            const auto number = static_cast<std::int64_t>(item);
            const bool bad = batch.deeds[item] == ledger_batch::deed::refused;
            if (batch.deeds[item] != ledger_batch::deed::none)
                for (const entry& row : {entry{number, 0}, entry{number, bad ? -1 : 1}}) entries().read(row, *encoder);
            encoded.push_back(encoder->finish());
            keys.push_back(key_of(item));
        }
        std::vector<const detail::encoded_rows*> items;
        for (const auto& one : encoded) items.push_back(&one);
        std::vector<detail::ledger_note> notes;
        for (std::size_t item = 0; item < ledger_batch::items; ++item) {
            if (batch.deeds[item] == ledger_batch::deed::dead) notes.push_back({key_of(item), item_state::dead, "{}"});
            if (batch.deeds[item] == ledger_batch::deed::dropped)
                notes.push_back({key_of(item), item_state::dropped, {}});
        }
        std::ranges::sort(notes, {}, &detail::ledger_note::key);
        return by.writer->write_once(items, {keys, notes, batch.number});
    }

    const Place& place_;
    choices script_;
    const std::string given_ = all_items();
    std::array<program, 2> programs_;
    ledger_model model_;
    ledger_batch last_;
    std::int64_t number_ = 0;
    std::string finding_;
};

template <class Place>
class ledger_schedules : public ::testing::Test {
protected:
    ledger_schedules() { place.run(create_entries); }

    Place place;
};

TYPED_TEST_SUITE_P(ledger_schedules);

TYPED_TEST_P(ledger_schedules, each_leaves_the_ledger_and_the_rows_of_the_model) {
    const auto run = [&](std::span<const std::uint8_t> bytes) {
        return ledger_world<TypeParam>(this->place, bytes).run();
    };
    EXPECT_EQ(run_campaign(run, {.schedules = TypeParam::schedules, .longest = 300}), "");
}

REGISTER_TYPED_TEST_SUITE_P(ledger_schedules, each_leaves_the_ledger_and_the_rows_of_the_model);

}  // namespace penstock::testing
