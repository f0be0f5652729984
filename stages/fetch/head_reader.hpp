#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::fetch_stage {

/// Reads an answer's head line by line, as libcurl hands it over, and keeps it. libcurl calls some answers a success
/// whose head is cut or contradicts itself; this is what tells.
class head_reader {
public:
    enum class state : unsigned char { reading, complete, too_large, contradictory };

    explicit head_reader(std::size_t max_size) : max_size_(max_size) {}

    /// Begins a new answer; keeps the memory.
    void clear() noexcept;

    /// Takes a line with its line end. Throws `std::bad_alloc`.
    state add(std::string_view line);

    state now() const noexcept { return state_; }
    bool any() const noexcept { return size_ != 0; }
    int status() const noexcept { return status_; }
    /// From the status line to the empty line; of the last answer if there were interim ones.
    const std::string& text() const noexcept { return text_; }
    /// The value of the Location field; empty if there is none.
    std::string_view location() const noexcept { return std::string_view(text_).substr(location_at_, location_size_); }
    std::optional<std::uint64_t> content_length() const noexcept { return content_length_; }
    /// True if the body is compressed or otherwise coded.
    bool coded() const noexcept { return coded_; }
    /// What is wrong with a head that is contradictory.
    std::string_view problem() const noexcept { return problem_; }

private:
    void begin_answer(std::string_view status_line) noexcept;
    void read_field(std::string_view line) noexcept;
    void read_length(std::string_view value) noexcept;
    void refuse(std::string_view problem) noexcept;

    std::size_t max_size_;
    std::size_t size_ = 0;
    std::string text_;
    int status_ = 0;
    state state_ = state::reading;
    bool chunked_ = false;
    bool coded_ = false;
    std::optional<std::uint64_t> content_length_;
    std::size_t location_at_ = 0;
    std::size_t location_size_ = 0;
    std::string_view problem_;
};

}  // namespace penstock::fetch_stage
