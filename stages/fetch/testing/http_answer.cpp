#include "http_answer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "http_message.hpp"

namespace penstock::testing::detail {

namespace {

// Up to here an answer is one string and one send; a repeated body is laid out to about this.
constexpr std::size_t max_joined_bytes = 64 * 1024;

// As good as for ever, and still fits a time point in nanoseconds.
constexpr std::chrono::milliseconds longest_wait = std::chrono::hours(24 * 365);

// The largest length that clients with signed 64 bits can read.
constexpr std::uint64_t endless_bytes = std::numeric_limits<std::int64_t>::max();

std::uint64_t saturated_product(std::uint64_t one, std::uint64_t other) {
    return one != 0 && other > endless_bytes / one ? endless_bytes : one * other;
}

std::uint64_t saturated_sum(std::uint64_t one, std::uint64_t other) {
    return std::min(one, endless_bytes) > endless_bytes - std::min(other, endless_bytes) ? endless_bytes : one + other;
}

void append_number(std::string& text, std::uint64_t number, int base = 10) {
    std::array<char, 24> digits;
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
    text.append(digits.data(), written.ptr);
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
}

bool has_field(const http_response& response, std::string_view name) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [&](const auto& field) { return same_token(field.first, name); });
}

bool has_no_body_by_definition(int status) { return status / 100 == 1 || status == 204 || status == 304; }

}  // namespace

http_answer::http_answer(http_response response, http_answer_terms terms)
    : delay_(std::min(response.delay, longest_wait)),
      trickle_bytes_(response.trickle_bytes),
      trickle_every_(std::min(response.trickle_every, longest_wait)) {
    const bool close_delimited = response.framing == http_framing::close_delimited && !response.raw;
    const bool closes = response.close_after || close_delimited || terms.close_wanted;
    if (response.raw) {
        front_ = std::move(*response.raw);
    } else {
        write_head(response, saturated_product(response.body.size(), response.body_repeat), closes);
        if (!terms.head_only) {
            write_body(response);
        }
    }
    set_end(response, front_.size(), closes);
    join_if_small();
}

void http_answer::write_head(const http_response& response, std::uint64_t body_bytes, bool closes) {
    front_.reserve(256);
    front_.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    front_.append(response.reason.empty() ? usual_reason(response.status) : std::string_view(response.reason));
    front_.append("\r\n");
    for (const auto& [name, value] : response.headers) {
        append_field(front_, name, value);
    }
    if (closes && !has_field(response, "connection")) {
        append_field(front_, "Connection", "close");
    }
    const bool bare = body_bytes == 0 && has_no_body_by_definition(response.status);
    if (response.framing == http_framing::chunked && !has_field(response, "transfer-encoding")) {
        append_field(front_, "Transfer-Encoding", "chunked");
    }
    const bool says_length = response.declared_length || (response.framing == http_framing::content_length && !bare);
    if (says_length && !has_field(response, "content-length")) {
        front_.append("Content-Length: ");
        append_number(front_, response.declared_length.value_or(body_bytes));
        front_.append("\r\n");
    }
    front_.append("\r\n");
}

void http_answer::write_body(http_response& response) {
    payload_bytes_ = response.body.size();
    block_ = std::move(response.body);
    if (response.framing == http_framing::chunked) {
        tail_ = "0\r\n\r\n";
        if (payload_bytes_ != 0) {
            std::string size_line;
            append_number(size_line, payload_bytes_, 16);
            block_.insert(0, size_line.append("\r\n")).append("\r\n");
        }
    }
    piece_bytes_ = block_.size();
    block_bytes_ = saturated_product(piece_bytes_, response.body_repeat);
    if (piece_bytes_ != 0 && block_bytes_ != 0) {
        const auto wished = std::max<std::uint64_t>(max_joined_bytes / piece_bytes_, 1);
        const auto copies = std::min<std::uint64_t>(wished, response.body_repeat);
        block_.reserve(piece_bytes_ * copies);
        for (std::uint64_t copy = 1; copy < copies; ++copy) {
            block_.append(block_, 0, piece_bytes_);
        }
    }
}

void http_answer::set_end(const http_response& response, std::uint64_t head_bytes, bool closes) {
    end_bytes_ = saturated_sum(head_bytes, saturated_sum(block_bytes_, tail_.size()));
    ending_ = response.reset ? ending::reset : closes ? ending::close : ending::keep;
    const auto cut = cut_position(response, head_bytes);
    if (response.stall_after && *response.stall_after < cut) {
        end_bytes_ = std::min<std::uint64_t>(end_bytes_, *response.stall_after);
        ending_ = ending::stall;
    } else if (cut != std::numeric_limits<std::uint64_t>::max()) {
        end_bytes_ = cut;
        ending_ = response.reset ? ending::reset : ending::close;
    }
}

std::uint64_t http_answer::cut_position(const http_response& response, std::uint64_t head_bytes) const {
    auto position = std::numeric_limits<std::uint64_t>::max();
    if (response.cut_body_after) {
        const std::uint64_t wanted = *response.cut_body_after;
        std::uint64_t body_end = block_bytes_;
        if (payload_bytes_ != 0 && wanted / payload_bytes_ < response.body_repeat) {
            const auto rest = wanted % payload_bytes_;
            const auto marks = piece_bytes_ - payload_bytes_;
            // A chunk's size line precedes its bytes; its final line end is 2 of its marks.
            const auto rest_on_wire = rest == 0 || marks == 0 ? rest : rest + marks - 2;
            body_end = std::min(block_bytes_,
                                saturated_sum(saturated_product(wanted / payload_bytes_, piece_bytes_), rest_on_wire));
        }
        position = saturated_sum(head_bytes, body_end);
    }
    if (response.cut_head_after) {
        position = std::min({position, head_bytes, std::uint64_t{*response.cut_head_after}});
    }
    return position;
}

void http_answer::join_if_small() {
    if (front_.size() >= end_bytes_ || end_bytes_ > max_joined_bytes) {
        return;
    }
    std::string joined;
    joined.reserve(end_bytes_);
    while (!finished()) {
        const auto piece = next(max_joined_bytes);
        joined.append(piece);
        sent(piece.size());
    }
    front_ = std::move(joined);
    sent_bytes_ = 0;
}

std::string_view http_answer::next(std::size_t max_bytes) const {
    const auto room = std::min<std::uint64_t>(max_bytes, end_bytes_ - sent_bytes_);
    if (sent_bytes_ < front_.size()) {
        return std::string_view(front_).substr(sent_bytes_, room);
    }
    const auto position = sent_bytes_ - front_.size();
    if (position < block_bytes_) {
        const auto left = std::min(room, block_bytes_ - position);
        return std::string_view(block_).substr(position % block_.size(), left);
    }
    return std::string_view(tail_).substr(position - block_bytes_, room);
}

}  // namespace penstock::testing::detail
