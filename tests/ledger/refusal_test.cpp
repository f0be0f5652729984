// What cannot be done with a ledger is told before anything is taken.
#include "sqlite_place.hpp"
#include "work.hpp"

namespace penstock::testing {
namespace {

std::string refused(auto&& job, const run_options& options) {
    try {
        job.run(options);
    } catch (const bad_option& why) {
        return why.what();
    }
    return "";
}

TEST(ledger_refusal, a_chain_without_a_store_keeps_none) {
    EXPECT_EQ(
        refused(from(numbers(1)) | serial("print", [](std::int64_t) {}), {.ledger = "x"}),
        "run_options::ledger is \"x\"; the chain ends in 'print', which has no database to keep it in: end it with "
        "store(...)");
}

TEST(ledger_refusal, values_without_a_key_cannot_be_told_apart) {
    const sqlite_place place;
    EXPECT_EQ(refused(from(std::vector<entry>(1)) | store(place.target(), entries()), {.ledger = "x"}),
              "run_options::ledger is \"x\"; the values of the source 'from' have no key to be known by: make them "
              "requests or texts, or specialise penstock::keyed_as");
}

TEST(ledger_refusal, dead_items_are_known_to_a_ledger_only) {
    EXPECT_NE(refused(from(numbers(1)) | serial("print", [](std::int64_t) {}), {.retry_dead = true}), "");
}

TEST(ledger_refusal, a_name_is_a_text_of_some_length) {
    const sqlite_place place;
    const auto said = [&](std::string name) {
        return refused(from(numbers(1)) | parallel("rows", rows_of) | store(place.target(), entries()),
                       {.ledger = std::move(name)});
    };
    EXPECT_EQ(said(std::string(201, 'x')), "the name of the ledger has 201 bytes; give it at most 200");
    EXPECT_NE(said("a\xff"), "");
    EXPECT_NE(said(std::string("a\0b", 3)), "");
}

}  // namespace
}  // namespace penstock::testing
