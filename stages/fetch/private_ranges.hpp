#pragma once

#include <sys/socket.h>

namespace penstock::fetch_stage {

/// True of an address that leads nowhere in the public internet, or would lead there in disguise: loopback, private
/// (RFC 1918, ULA), shared (CGNAT), link-local, 0/8, multicast and reserved ones, and IPv6 addresses that stand for one
/// of these (mapped, translated, 6to4, Teredo). Of a family that is neither IPv4 nor IPv6 as well.
bool is_private(const sockaddr& address) noexcept;

}  // namespace penstock::fetch_stage
