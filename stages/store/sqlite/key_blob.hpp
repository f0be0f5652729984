#pragma once

#include <sqlite3.h>

#include <array>
#include <cstddef>

#include "penstock/item_key.hpp"

namespace penstock::detail::sqlite {

/// A key as the 16 bytes that stand in the file.
using key_blob = std::array<unsigned char, 16>;

inline key_blob blob_of(const item_key& key) noexcept {
    key_blob bytes{};
    for (std::size_t at = 0; at < 8; ++at) {
        bytes[at] = static_cast<unsigned char>(key.high >> (56 - 8 * at));
        bytes[at + 8] = static_cast<unsigned char>(key.low >> (56 - 8 * at));
    }
    return bytes;
}

/// Binds a key; the statement copies it. Gives what SQLite says.
[[nodiscard]] inline int bind_key(sqlite3_stmt* to, int parameter, const item_key& key) noexcept {
    const key_blob bytes = blob_of(key);
    return sqlite3_bind_blob(to, parameter, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
}

}  // namespace penstock::detail::sqlite
