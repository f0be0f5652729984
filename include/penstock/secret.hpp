#pragma once

#include <concepts>
#include <string>
#include <utility>

namespace penstock {

/// A password or a token. It can be handed on and sent, but not streamed, compared or turned into text by accident;
/// whoever wants its text says so with `reveal`. Penstock puts none into a message, a figure or a dead letter.
class secret {
public:
    secret() = default;
    secret(std::string text) noexcept : text_(std::move(text)) {}
    /// Throws `std::bad_alloc`.
    secret(const char* text) : text_(text) {}

    bool empty() const noexcept { return text_.empty(); }

    /// The text itself, for who sends it. Lives as long as the secret.
    const std::string& reveal() const noexcept { return text_; }

private:
    std::string text_;
};

/// Deleted, so that a secret in a message is refused by the compiler. For nothing that would first become a secret: a
/// text is streamed as ever.
template <class Stream, std::same_as<secret> Secret>
Stream& operator<<(Stream& stream, const Secret&) = delete;

}  // namespace penstock
