#pragma once

#include <string_view>

#include "penstock/detail/any_stage.hpp"
#include "penstock/detail/slot.hpp"

namespace penstock::detail {

/// Runs a stage on an item. Whatever the stage's callable throws, of any type, becomes the item's failure.
verdict apply_guarded(any_stage& stage, slot& item, unsigned worker) noexcept;

/// Calls `call(self, value of the item)` likewise.
void call_guarded(slot& item, std::string_view stage, void (*call)(void* self, void* in), void* self) noexcept;

}  // namespace penstock::detail
