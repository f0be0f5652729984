#include "session_book.hpp"

#include <functional>

namespace penstock::fetch_stage {

namespace {

/// splitmix64: one number to another, each to one only.
std::uint64_t mix(std::uint64_t x) noexcept {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

/// Letters and digits only: providers part the fields of a user name with other characters.
std::string spell(std::uint64_t number) {
    constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    std::string text(13, '0');
    for (char& at : text) {
        at = digits[number % digits.size()];
        number /= digits.size();
    }
    return text;
}

}  // namespace

std::string session_book::entry(std::uint32_t proxy, std::string_view key) {
    return std::to_string(proxy).append(1, ' ').append(key);
}

std::string session_book::fresh() {
    const std::lock_guard lock(mutex_);
    return spell(mix(fresh_seed_ ^ mix(++given_)));
}

std::string session_book::of(std::uint32_t proxy, std::string_view key) const {
    const std::lock_guard lock(mutex_);
    return name_of(proxy, key);
}

std::string session_book::name_of(std::uint32_t proxy, std::string_view key) const {
    std::uint64_t times = 0;
    if (!renewed_.empty()) {
        if (const auto at = renewed_.find(entry(proxy, key)); at != renewed_.end()) times = at->second;
    }
    return spell(mix(seed_ + mix(text_hash()(key) + mix(proxy + mix(times)))));
}

void session_book::renew(std::uint32_t proxy, std::string_view key, std::string_view failed) {
    const std::lock_guard lock(mutex_);
    if (name_of(proxy, key) != failed) return;
    if (renewed_.size() >= most) {
        renewed_.clear();
        seed_ = mix(seed_);
    }
    ++renewed_[entry(proxy, key)];
}

}  // namespace penstock::fetch_stage
