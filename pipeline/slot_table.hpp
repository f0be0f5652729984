#pragma once

#include <cstddef>
#include <memory>
#include <new>

#include "penstock/detail/blueprint.hpp"
#include "penstock/detail/slot.hpp"

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

    /// Makes the next slot; null if there are `size` already. One thread at a time.
    detail::slot* make();

    /// The slot made as the `at`-th.
    detail::slot& operator[](std::size_t at) noexcept;

private:
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
};

}  // namespace penstock
