#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace penstock::detail::sqlite {

/// The wire form between encoder and writer: for each cell a tag and what follows it. It never leaves the process, so
/// numbers are in the machine's own order.
enum class tag : char {
    null = 'n',     ///< Nothing follows.
    integer = 'i',  ///< 8 bytes.
    real = 'r',     ///< 8 bytes.
    text = 't',     ///< 4 bytes of length, then the text.
    bytes = 'b',    ///< 4 bytes of length, then the bytes.
};

/// Walks over encoded cells. Checks nothing: only the encoder makes them.
class cell_reader {
public:
    explicit cell_reader(std::string_view cells) noexcept : at_(cells.data()) {}

    tag next() noexcept { return static_cast<tag>(*at_++); }

    template <class Number>
    Number number() noexcept {
        Number value;
        std::memcpy(&value, at_, sizeof value);
        at_ += sizeof value;
        return value;
    }

    /// A view into the cells; never null, not even if it is empty.
    std::string_view string() noexcept {
        const auto size = number<std::uint32_t>();
        const std::string_view value(at_, size);
        at_ += size;
        return value;
    }

private:
    const char* at_;
};

}  // namespace penstock::detail::sqlite
