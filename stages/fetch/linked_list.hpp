#pragma once

#include <utility>

namespace penstock::fetch_stage {

/// The place of an object in one `linked_list`.
template <class T>
struct list_link {
    T* before = nullptr;
    T* behind = nullptr;
    bool linked = false;
};

/// A list that runs through a member of its elements: nothing is allocated, and any element leaves in constant time.
/// Owns nothing. One thread.
template <class T, list_link<T> T::*Link>
class linked_list {
public:
    bool empty() const noexcept { return first_ == nullptr; }
    T* front() const noexcept { return first_; }
    T* back() const noexcept { return last_; }
    static bool holds(const T& one) noexcept { return (one.*Link).linked; }
    static T* behind(const T& one) noexcept { return (one.*Link).behind; }
    static T* before(const T& one) noexcept { return (one.*Link).before; }

    void push_back(T& one) noexcept {
        (one.*Link) = {last_, nullptr, true};
        (last_ == nullptr ? first_ : (last_->*Link).behind) = &one;
        last_ = &one;
    }
    void push_front(T& one) noexcept {
        (one.*Link) = {nullptr, first_, true};
        (first_ == nullptr ? last_ : (first_->*Link).before) = &one;
        first_ = &one;
    }
    /// At the front if `before` is null.
    void insert_behind(T* before, T& one) noexcept {
        if (before == nullptr) return push_front(one);
        if (before == last_) return push_back(one);
        T* const after = (before->*Link).behind;
        (one.*Link) = {before, after, true};
        (before->*Link).behind = (after->*Link).before = &one;
    }
    void erase(T& one) noexcept {
        const list_link<T> link = std::exchange(one.*Link, {});
        (link.before == nullptr ? first_ : (link.before->*Link).behind) = link.behind;
        (link.behind == nullptr ? last_ : (link.behind->*Link).before) = link.before;
    }
    T* pop_front() noexcept {
        T* const one = first_;
        if (one != nullptr) erase(*one);
        return one;
    }

private:
    T* first_ = nullptr;
    T* last_ = nullptr;
};

}  // namespace penstock::fetch_stage
