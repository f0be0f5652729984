#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/detail/byte_account.hpp"
#include "penstock/detail/value_type.hpp"
#include "penstock/failure.hpp"
#include "penstock/item_key.hpp"
#include "penstock/outcome.hpp"

namespace penstock::detail {

/// The place of one item in flight, from admission to settlement. It holds what the source gave (the origin), the
/// item's current value, and room for the next one: a stage reads the value, makes the next in the spare room, and
/// the two change sides, so that no value costs an allocation of the engine's.
///
/// A slot belongs to one thread at a time. It is handed over through a `slot_stack`, a TBB token or a batch; `next`
/// links it to others of the same hand-over.
class slot {
public:
    /// The rooms are memory of the slot table, large and aligned enough for every type of the chain.
    slot(std::byte* origin, std::byte* value, std::byte* spare) noexcept
        : origin_(origin), value_(value), spare_(spare) {}
    ~slot() { clear(); }
    slot(const slot&) = delete;
    slot& operator=(const slot&) = delete;

    slot* next = nullptr;

    std::uint64_t ordinal = 0;                         ///< The how-manieth item of the run, from 0.
    std::chrono::steady_clock::time_point admitted{};  ///< Set for chains that fetch.
    unsigned attempts = 1;                             ///< How often its request was sent.
    bool in_flight = false;                            ///< True from admission to settlement.
    item_key key{};                                    ///< Set for runs with a ledger.
    outcome recorded = outcome::dropped;               ///< What the ledger is to be told of it; see any_ledger.

    /// What the source gave; empty if its type has no text for a dead letter and fetch does not keep it.
    void* origin() noexcept { return origin_; }
    const void* origin() const noexcept { return origin_; }
    const value_type* origin_type() const noexcept { return origin_type_; }
    void set_origin(const value_type& type) noexcept { origin_type_ = &type; }

    /// The current value. `set_value` says that one was made in `value()`; `advance` that one was made in `spare()`.
    void* value() noexcept { return value_; }
    void* spare() noexcept { return spare_; }
    bool holds_value() const noexcept { return value_type_ != nullptr; }
    void set_value(const value_type& type) noexcept { value_type_ = &type; }
    void advance(const value_type& type) noexcept {
        if (&type != value_type_) let_bytes_go();  // A page made of a page has mostly taken its bytes over.
        if (value_type_ != nullptr) value_type_->destroy(value_);
        std::swap(value_, spare_);
        value_type_ = &type;
    }
    void drop_value() noexcept {
        if (value_type_ != nullptr) std::exchange(value_type_, nullptr)->destroy(value_);
        let_bytes_go();
    }

    /// Says that the value holds so many bytes of an account, until the item holds a value of another type or none.
    void hold_bytes(byte_account& account, std::size_t bytes) noexcept {
        account_ = &account;
        bytes_held_ = bytes;
    }

    /// Marks the item as failed in a stage. The name must outlive the run; the slot keeps only a view of it.
    void fail(std::string_view stage, failure why) noexcept {
        failed_ = true;
        failed_in_ = stage;
        why_ = std::move(why);
    }
    bool has_failed() const noexcept { return failed_; }
    std::string_view failed_in() const noexcept { return failed_in_; }
    const failure& why() const noexcept { return why_; }

    /// Empties the slot for its next item.
    void clear() noexcept {
        drop_value();
        if (origin_type_ != nullptr) std::exchange(origin_type_, nullptr)->destroy(origin_);
        if (std::exchange(failed_, false)) {
            why_.reason.clear();
            why_.proxy.clear();
        }
        attempts = 1;
    }

    /// TBB orders a token's stages one after the other; these say so in words that a race detector understands, for
    /// itself and the slots linked behind it.
    void publish() noexcept { hand_over_.store(true, std::memory_order_release); }
    void receive() noexcept { (void)hand_over_.load(std::memory_order_acquire); }

private:
    void let_bytes_go() noexcept {
        if (bytes_held_ != 0) account_->release(std::exchange(bytes_held_, 0));
    }

    std::byte* origin_;
    std::byte* value_;
    std::byte* spare_;
    const value_type* origin_type_ = nullptr;
    const value_type* value_type_ = nullptr;
    byte_account* account_ = nullptr;
    std::size_t bytes_held_ = 0;
    std::atomic<bool> hand_over_{false};
    bool failed_ = false;
    // Of items that have failed: the others do without these lines of the cache.
    std::string_view failed_in_;
    failure why_;
};

/// Slots linked by `next`, oldest first. Owns nothing.
class slot_chain {
public:
    slot_chain() = default;
    explicit slot_chain(slot& only) noexcept { push_back(only); }

    bool empty() const noexcept { return first_ == nullptr; }
    std::size_t size() const noexcept { return size_; }
    slot* first() const noexcept { return first_; }
    slot* last() const noexcept { return last_; }

    void push_back(slot& one) noexcept {
        one.next = nullptr;
        (first_ == nullptr ? first_ : last_->next) = &one;
        last_ = &one;
        ++size_;
    }
    void push_front(slot& one) noexcept {
        one.next = first_;
        if (first_ == nullptr) last_ = &one;
        first_ = &one;
        ++size_;
    }
    /// Takes the oldest slot out; null if there is none.
    slot* pop_front() noexcept {
        slot* one = first_;
        if (one == nullptr) return nullptr;
        first_ = std::exchange(one->next, nullptr);
        if (--size_ == 0) last_ = nullptr;
        return one;
    }
    /// Takes the `count` oldest slots out.
    slot_chain pop_front(std::size_t count) noexcept {
        slot_chain taken;
        for (; count != 0 && first_ != nullptr; --count) taken.push_back(*pop_front());
        return taken;
    }
    /// Takes the slots of the other chain behind its own.
    void append(slot_chain&& other) noexcept {
        if (other.empty()) return;
        (first_ == nullptr ? first_ : last_->next) = other.first_;
        last_ = other.last_;
        size_ += other.size_;
        other = slot_chain();
    }

private:
    slot* first_ = nullptr;
    slot* last_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace penstock::detail
