#include "slot_table.hpp"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "penstock/errors.hpp"

namespace penstock {

namespace {

constexpr std::size_t block_alignment = 64;

/// How long a full queue may keep free slots from the source, so that it is woken for many at once.
constexpr auto source_nap = std::chrono::milliseconds(1);

std::size_t round_up(std::size_t size) { return (size + block_alignment - 1) / block_alignment * block_alignment; }

void check_alignment(const detail::value_type& type) {
    if (type.alignment > block_alignment) {
        throw bad_option("a value in the chain is aligned to " + std::to_string(type.alignment)
                         + " bytes; penstock holds values of at most " + std::to_string(block_alignment));
    }
}

}  // namespace

slot_table::slot_table(const detail::blueprint& plan, std::size_t size) : size_(size) {
    const detail::value_type& given = plan.source->makes();
    check_alignment(given);
    std::size_t room = plan.feed ? plan.feed->makes().size : given.size;
    for (const auto& stage : plan.stages) {
        check_alignment(stage->makes());
        room = std::max(room, stage->makes().size);
    }
    origin_at_ = round_up(sizeof(detail::slot));
    const bool keeps_origin = plan.feed != nullptr || given.copy != nullptr;
    rooms_at_[0] = origin_at_ + (keeps_origin ? round_up(given.size) : 0);
    rooms_at_[1] = rooms_at_[0] + round_up(room);
    stride_ = rooms_at_[1] + round_up(room);
    // Untouched pages cost nothing: a long queue that never fills needs no memory.
    block_.reset(static_cast<std::byte*>(::operator new[](stride_* size_, alignment)));
}

slot_table::~slot_table() {
    for (std::size_t i = 0; i < made_; ++i) std::destroy_at(&(*this)[i]);
}

detail::slot* slot_table::take() {
    if (free_ == nullptr) free_ = returned_.take_all();
    if (free_ == nullptr) return make();
    detail::slot* const one = free_;
    free_ = std::exchange(one->next, nullptr);
    return one;
}

detail::slot* slot_table::take_until(bell::time_point until) {
    if (detail::slot* const one = take()) return one;
    if (const std::size_t enough = size_ / 4; enough > 1) {
        bell_.nap(enough, std::chrono::steady_clock::now() + source_nap);
        if (detail::slot* const one = take()) return one;
    }
    bell_.sleep(until, [this] { return !returned_.empty(); });
    return take();
}

/// The next slot of the block; null if there are `size` already.
detail::slot* slot_table::make() {
    if (made_ == size_) return nullptr;
    std::byte* at = block_.get() + stride_ * made_;
    auto* made = ::new (at) detail::slot(at + origin_at_, at + rooms_at_[0], at + rooms_at_[1]);
    ++made_;
    return made;
}

detail::slot& slot_table::operator[](std::size_t at) noexcept {
    return *std::launder(reinterpret_cast<detail::slot*>(block_.get() + stride_ * at));
}

}  // namespace penstock
