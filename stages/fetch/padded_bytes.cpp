#include "penstock/padded_bytes.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace penstock {

void padded_bytes::reserve(std::size_t size) {
    if (size + padding <= capacity_) return;
    const std::size_t wanted = size + padding;
    auto* bytes = static_cast<char*>(std::realloc(bytes_.get(), wanted));
    if (bytes == nullptr) throw std::bad_alloc();
    (void)bytes_.release();
    bytes_.reset(bytes);
    capacity_ = wanted;
}

void padded_bytes::append(std::string_view bytes) {
    if (bytes.empty()) return;
    if (size_ + bytes.size() + padding > capacity_) reserve(std::max(size_ + bytes.size(), 2 * size_));
    std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    std::memset(bytes_.get() + size_, 0, padding);
}

}  // namespace penstock
