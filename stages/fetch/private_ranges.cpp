#include "private_ranges.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace penstock::fetch_stage {

namespace {

struct range {
    std::array<std::uint8_t, 12> begins;
    unsigned bits;
};

// From the registries of special-purpose addresses (RFC 6890 and its successors).
constexpr range private_ipv4[] = {
    {{0}, 8},              // "this network": on Linux 0.0.0.0 is this machine
    {{10}, 8},             // private
    {{100, 64}, 10},       // shared by carriers
    {{127}, 8},            // loopback
    {{169, 254}, 16},      // link-local, where clouds keep their metadata
    {{172, 16}, 12},       // private
    {{192, 0, 0}, 24},     // protocol assignments
    {{192, 0, 2}, 24},     // documentation
    {{192, 168}, 16},      // private
    {{198, 18}, 15},       // benchmarks
    {{198, 51, 100}, 24},  // documentation
    {{203, 0, 113}, 24},   // documentation
    {{224}, 3},            // multicast, reserved, broadcast
};
constexpr range private_ipv6[] = {
    {{0xfc}, 7},                           // unique local
    {{0xfe, 0x80}, 9},                     // link-local and the former site-local
    {{0xff}, 8},                           // multicast
    {{0x20, 0x01, 0, 0}, 32},              // Teredo: carries an IPv4 address that is disguised
    {{0x20, 0x01, 0x0d, 0xb8}, 32},        // documentation
    {{0x01, 0}, 64},                       // to be discarded
    {{0x00, 0x64, 0xff, 0x9b, 0, 1}, 48},  // translated, for private use
};

bool lies_in(std::span<const std::uint8_t> address, const range& one) noexcept {
    const std::size_t whole = one.bits / 8;
    if (!std::equal(one.begins.begin(), one.begins.begin() + whole, address.begin())) return false;
    const unsigned rest = one.bits % 8;
    return rest == 0 || ((address[whole] ^ one.begins[whole]) >> (8 - rest)) == 0;
}

bool is_private_ipv4(std::span<const std::uint8_t> address) noexcept {
    return std::any_of(std::begin(private_ipv4), std::end(private_ipv4),
                       [&](const range& one) { return lies_in(address, one); });
}

bool is_private_ipv6(std::span<const std::uint8_t> address) noexcept {
    constexpr range low{{0}, 80};  // Nothing, loopback, "compatible" and mapped IPv4.
    if (lies_in(address, low)) {
        const bool mapped = address[10] == 0xff && address[11] == 0xff;
        return !mapped || is_private_ipv4(address.subspan(12));
    }
    constexpr range translated{{0x00, 0x64, 0xff, 0x9b}, 96};
    if (lies_in(address, translated)) return is_private_ipv4(address.subspan(12));
    constexpr range six_to_four{{0x20, 0x02}, 16};
    if (lies_in(address, six_to_four)) return is_private_ipv4(address.subspan(2));
    return std::any_of(std::begin(private_ipv6), std::end(private_ipv6),
                       [&](const range& one) { return lies_in(address, one); });
}

}  // namespace

bool is_private(const sockaddr& address) noexcept {
    if (address.sa_family == AF_INET) {
        std::array<std::uint8_t, 4> bytes;
        std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in&>(address).sin_addr, bytes.size());
        return is_private_ipv4(bytes);
    }
    if (address.sa_family != AF_INET6) return true;
    std::array<std::uint8_t, 16> bytes;
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, bytes.size());
    return is_private_ipv6(bytes);
}

}  // namespace penstock::fetch_stage
