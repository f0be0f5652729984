#include "curl_memory.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace penstock::fetch_stage {

namespace {

constinit thread_local curl_memory* of_this_thread = nullptr;

/// What glibc gives those who ask for less.
constexpr std::size_t smallest = 24;

std::size_t room_in_block_of(std::size_t size) noexcept {
    void* const block = std::malloc(size);
    const std::size_t room = block == nullptr ? 0 : malloc_usable_size(block);
    std::free(block);
    return room;
}

}  // namespace

bool curl_memory::fits_malloc() noexcept {
    // A block has a step more where what was left beside it was too small for a block of its own.
    const auto has = [](std::size_t size, std::size_t room) {
        const std::size_t found = room_in_block_of(size);
        return found == room || found == room + step;
    };
    return has(1, smallest) && has(smallest + 1, smallest + step) && has(16'385, 16'392);
}

curl_memory::curl_memory(std::size_t most) noexcept : most_(most) { of_this_thread = this; }

curl_memory::~curl_memory() {
    of_this_thread = nullptr;
    for (void* const block : just_freed_) std::free(block);
    for (free_block* first : free_) {
        while (first != nullptr) std::free(std::exchange(first, first->next));
    }
}

inline void* curl_memory::take(std::size_t size) noexcept {
    if (size > step * places) return nullptr;
    const std::size_t place = (std::max(size, smallest) + header + step - 1) / step;
    if (place >= places || free_[place] == nullptr) return nullptr;
    kept_ -= step * place;
    free_block* const taken = std::exchange(free_[place], free_[place]->next);
    __builtin_prefetch(free_[place], 1);
    return taken;
}

inline void curl_memory::sort_in(void* block) noexcept {
    const std::size_t room = malloc_usable_size(block);
    const std::size_t place = (room + header) / step;
    if (room < smallest || place >= places || kept_ + step * place > most_) return std::free(block);
    free_[place] = new (block) free_block{free_[place]};
    kept_ += step * place;
}

void* curl_memory::allocate(std::size_t size) noexcept {
    if (curl_memory* const here = of_this_thread) {
        if (void* const block = here->take(size)) return block;
    }
    return std::malloc(size);
}

/// How large a block is stands in front of it, and has mostly left the processor's cache since it was allocated. It is
/// fetched while the blocks that were freed before are sorted in.
void curl_memory::release(void* block) noexcept {
    if (block == nullptr) return;
    curl_memory* const here = of_this_thread;
    if (here == nullptr) return std::free(block);
    __builtin_prefetch(static_cast<const char*>(block) - header, 1);
    void* const due = std::exchange(here->just_freed_[here->next_], block);
    here->next_ = (here->next_ + 1) % here->just_freed_.size();
    if (due != nullptr) here->sort_in(due);
}

void* curl_memory::resize(void* block, std::size_t size) noexcept {
    if (block == nullptr) return allocate(size);
    curl_memory* const here = of_this_thread;
    if (here == nullptr) return std::realloc(block, size);
    const std::size_t room = malloc_usable_size(block);
    if (size <= room) return block;
    void* const larger = here->take(size);
    if (larger == nullptr) return std::realloc(block, size);
    std::memcpy(larger, block, room);
    release(block);
    return larger;
}

char* curl_memory::copy(const char* text) noexcept {
    const std::size_t size = std::strlen(text) + 1;
    void* const block = allocate(size);
    return block == nullptr ? nullptr : static_cast<char*>(std::memcpy(block, text, size));
}

void* curl_memory::allocate_zeroed(std::size_t count, std::size_t size) noexcept {
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) return nullptr;
    if (curl_memory* const here = of_this_thread) {
        if (void* const block = here->take(bytes)) return std::memset(block, 0, bytes);
    }
    return std::calloc(count, size);
}

}  // namespace penstock::fetch_stage
