#include "failing_new.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::ptrdiff_t> alive{0};
std::atomic<std::ptrdiff_t> left{0};  // Calls until one fails; 0 or less: none does.

bool fails() noexcept { return left.load(std::memory_order_relaxed) > 0 && left.fetch_sub(1) == 1; }

void* give(std::size_t size, std::size_t alignment) noexcept {
    if (fails()) return nullptr;
    void* const piece = alignment == 0 ? std::malloc(size == 0 ? 1 : size)
                                       : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (piece != nullptr) ++alive;
    return piece;
}

void* give_or_throw(std::size_t size, std::size_t alignment) {
    if (void* const piece = give(size, alignment)) return piece;
    throw std::bad_alloc();
}

void take_back(void* piece) noexcept {
    if (piece == nullptr) return;
    --alive;
    std::free(piece);
}

}  // namespace

void* operator new(std::size_t size) { return give_or_throw(size, 0); }
void* operator new[](std::size_t size) { return give_or_throw(size, 0); }
void* operator new(std::size_t size, std::align_val_t to) { return give_or_throw(size, static_cast<std::size_t>(to)); }
void* operator new[](std::size_t size, std::align_val_t to) {
    return give_or_throw(size, static_cast<std::size_t>(to));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return give(size, 0); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return give(size, 0); }
void operator delete(void* piece) noexcept { take_back(piece); }
void operator delete[](void* piece) noexcept { take_back(piece); }
void operator delete(void* piece, std::size_t) noexcept { take_back(piece); }
void operator delete[](void* piece, std::size_t) noexcept { take_back(piece); }
void operator delete(void* piece, std::align_val_t) noexcept { take_back(piece); }
void operator delete[](void* piece, std::align_val_t) noexcept { take_back(piece); }
void operator delete(void* piece, std::size_t, std::align_val_t) noexcept { take_back(piece); }
void operator delete[](void* piece, std::size_t, std::align_val_t) noexcept { take_back(piece); }

namespace penstock::testing {

failing_new::failing_new(std::size_t number) { left = static_cast<std::ptrdiff_t>(number); }
failing_new::~failing_new() { left = 0; }
bool failing_new::failed() const { return left <= 0; }

std::ptrdiff_t pieces_alive() { return alive; }

}  // namespace penstock::testing
