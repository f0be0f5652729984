#pragma once

#include <cstddef>
#include <memory>
#include <new>

#include "bell.hpp"
#include "penstock/detail/blueprint.hpp"
#include "penstock/detail/slot_stack.hpp"

namespace penstock {

/// The places of a run's items: as many as the queue is long, made when they are first needed. The table is the bound:
/// without a free slot nothing is taken from the source.
///
/// A slot's memory is one block: the slot itself, room for the origin, and two rooms for values, each large enough for
/// every type of the chain.
class slot_table {
public:
    slot_table(const detail::blueprint& plan, std::size_t size);
    ~slot_table();
    slot_table(const slot_table&) = delete;
    slot_table& operator=(const slot_table&) = delete;

    std::size_t size() const noexcept { return size_; }
    std::size_t made() const noexcept { return made_; }

    /// A slot that holds no item; null if all of them do. One thread.
    detail::slot* take();

    /// The same; if there is none, waits for one until `poke`, or until the time has come.
    detail::slot* take_until(bell::time_point until);

    /// Takes back the slots of settled items. Any thread.
    void give_back(detail::slot_chain settled) noexcept {
        const std::size_t much = settled.size();
        returned_.push(settled);
        bell_.ring(much);
    }

    /// Wakes the thread that waits.
    void poke() noexcept { bell_.poke(); }

    /// The slot made as the `at`-th.
    detail::slot& operator[](std::size_t at) noexcept;

private:
    detail::slot* make();

    struct block_deleter {
        void operator()(std::byte* block) const noexcept { ::operator delete[](block, alignment); }
    };
    static constexpr std::align_val_t alignment{64};

    std::size_t size_;
    std::size_t origin_at_;
    std::size_t rooms_at_[2];
    std::size_t stride_;
    std::size_t made_ = 0;
    std::unique_ptr<std::byte[], block_deleter> block_;
    detail::slot* free_ = nullptr;  // Linked by `next`; the taker's own.
    detail::slot_stack returned_;
    bell bell_;
};

}  // namespace penstock
