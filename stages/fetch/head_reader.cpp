#include "head_reader.hpp"

#include <algorithm>
#include <charconv>

#include "ascii.hpp"

namespace penstock::fetch_stage {

void head_reader::clear() noexcept {
    size_ = 0;
    begin_answer({});
}

void head_reader::begin_answer(std::string_view status_line) noexcept {
    text_.clear();
    state_ = state::reading;
    chunked_ = coded_ = false;
    content_length_.reset();
    location_at_ = location_size_ = 0;
    problem_ = {};
    status_ = 0;
    const std::size_t blank = status_line.find(' ');
    if (blank != std::string_view::npos) {
        const std::string_view code = status_line.substr(blank + 1, 3);
        std::from_chars(code.data(), code.data() + code.size(), status_);
    }
}

head_reader::state head_reader::add(std::string_view line) {
    size_ += line.size();
    if (size_ > max_size_) return state_ = state::too_large;
    if (line.starts_with("HTTP/")) {
        begin_answer(line);
    } else if (state_ != state::reading) {
        return state_;  // A trailer, behind a chunked body.
    }
    if (line.empty() || (is_blank_or_control(line.front()) && trim(line).empty())) {
        if (chunked_ && content_length_) refuse("has both a Content-Length and Transfer-Encoding: chunked");
        // The head of an interim answer (1xx) is none: the true one follows.
        if (state_ == state::reading && status_ >= 200) state_ = state::complete;
    } else if (!line.starts_with("HTTP/")) {
        read_field(line);
    }
    text_.append(line);
    return state_;
}

void head_reader::read_field(std::string_view line) noexcept {
    // Only four fields matter here; their first letters and lengths tell most others apart.
    const auto is = [&](std::string_view name) {
        return line.size() > name.size() && line[name.size()] == ':' && same_name(line.substr(0, name.size()), name);
    };
    const char first = lower(line.front());
    if (first == 'c' && is("Content-Length")) {
        read_length(trim(line.substr(sizeof "Content-Length")));
    } else if (first == 'c' && is("Content-Encoding")) {
        coded_ = !same_name(trim(line.substr(sizeof "Content-Encoding")), "identity");
    } else if (first == 't' && is("Transfer-Encoding")) {
        const std::string_view coding = trim(line.substr(sizeof "Transfer-Encoding"));
        constexpr std::string_view chunked = "chunked";
        chunked_ =
            chunked_
            || (coding.size() >= chunked.size() && same_name(coding.substr(coding.size() - chunked.size()), chunked));
    } else if (first == 'l' && is("Location") && location_size_ == 0) {
        const std::string_view value = trim(line.substr(sizeof "Location"));
        location_at_ = text_.size() + static_cast<std::size_t>(value.data() - line.data());
        location_size_ = value.size();
    }
}

void head_reader::read_length(std::string_view value) noexcept {
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    // libcurl counts in signed 64 bits.
    if (error != std::errc() || end != value.data() + value.size() || length > std::uint64_t{INT64_MAX}) {
        refuse("has a Content-Length that is no size");
    } else if (content_length_ && *content_length_ != length) {
        refuse("has two different Content-Lengths");
    } else {
        content_length_ = length;
    }
}

void head_reader::refuse(std::string_view problem) noexcept {
    state_ = state::contradictory;
    problem_ = problem;
}

}  // namespace penstock::fetch_stage
