#include <algorithm>
#include <utility>

#include "transfer.hpp"

// How the bytes of a body are received.
namespace penstock::fetch_stage {

namespace {

/// What a Content-Length may make us reserve before a byte has come; it may lie.
constexpr std::size_t most_reserved = 256 * 1024;

/// A body that is not wanted is read so far, to keep the connection; a longer one costs it.
constexpr std::size_t most_discarded = 64 * 1024;

}  // namespace

/// True if the head says that the body will be longer than allowed: then not a byte of it is awaited. What a compressed
/// body will be is not known before it is decoded.
bool transfer::promises_too_much() const noexcept {
    const auto length = head_.content_length();
    if (!length || *length <= around_.options.max_body || method_ == "HEAD") return false;
    return head_.status() >= 200 && head_.status() <= 299 && !head_.coded();
}

transfer::kept transfer::keep_body(std::string_view bytes) {
    if (head_.status() < 200 || head_.status() > 299) {
        discarded_ += bytes.size();
        if (discarded_ > most_discarded) seen_ = trouble::body_not_wanted;
        return seen_ == trouble::none ? kept::all : kept::refused;
    }
    const std::size_t most = around_.options.max_body;
    if (bytes.size() > most - body_.size()) {
        seen_ = trouble::body_too_large;
        return kept::refused;
    }
    const auto declared = static_cast<std::size_t>(std::min<std::uint64_t>(head_.content_length().value_or(0), most));
    if (body_.size() == 0 && declared > 0) around_.bodies.expect(*this, declared);
    if (!around_.bodies.take(*this, bytes.size())) return kept::not_yet;
    const std::size_t wanted = body_.size() + bytes.size();
    if (body_.size() == 0) {
        make_room(std::max(wanted, std::min(declared, most_reserved)));
    } else if (wanted + padded_bytes::padding > body_.capacity()) {
        // Not beyond what was declared, unless that is exceeded, as it is where the body was compressed.
        const std::size_t doubled = std::max(wanted, 2 * body_.size());
        make_room(declared >= wanted ? std::min(declared, doubled) : doubled);
    }
    body_.append(bytes);
    return kept::all;
}

/// Makes room for a body of this size, and for the texts that a page keeps behind it.
void transfer::make_room(std::size_t size) {
    const std::size_t texts = head_.text().size() + url_.size() + tag_.size();
    if (body_.capacity() > detail::block_pool::largest) return body_.reserve(size + texts);
    padded_bytes larger(around_.blocks.take(size + padded_bytes::padding + texts));
    larger.append(body_.view());
    body_ = std::move(larger);
}

std::size_t transfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept {
    auto& me = *static_cast<transfer*>(self);
    try {
        switch (me.keep_body({bytes, size * count})) {
            case kept::all: return size * count;
            case kept::refused: return 0;
            case kept::not_yet: me.around_.listener.held_up(me); return CURL_WRITEFUNC_PAUSE;
        }
        return 0;
    } catch (...) {
        me.seen_ = trouble::no_memory;
        return 0;
    }
}

}  // namespace penstock::fetch_stage
