#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "penstock/stages/store/cell_type.hpp"
#include "penstock/stages/store/row_encoder.hpp"

namespace penstock::detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// `char` and its wider relatives are left out of the integers: nobody can tell whether 'A' means 65 or "A".
template <class T>
concept character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> || std::same_as<
    T, char16_t> || std::same_as<T, char32_t>;

template <class T>
concept integer_cell = std::integral<T> && !std::same_as<T, bool> && !character<T> && sizeof(T) <= 8;

template <class T>
concept real_cell = std::same_as<T, float> || std::same_as<T, double>;

template <class T>
concept text_cell = std::convertible_to<const T&, std::string_view> && !std::is_null_pointer_v<T>;

template <class T>
concept bytes_cell = !text_cell<T> && std::convertible_to<const T&, std::span<const std::byte>>;

/// What a column can hold, when it is not optional.
template <class T>
concept plain_cell = std::same_as<T, bool> || integer_cell<T> || real_cell<T> || text_cell<T> || bytes_cell<T>;

template <class T>
struct plain_cell_of {
    using type = T;
};
template <class T>
struct plain_cell_of<std::optional<T>> {
    using type = T;
};

/// What a getter may return: a plain cell, or an optional of one.
template <class T>
concept cell = plain_cell<typename plain_cell_of<T>::type>;

template <plain_cell T>
constexpr cell_type plain_cell_type() {
    if constexpr (std::same_as<T, bool>)
        return cell_type::boolean;
    else if constexpr (integer_cell<T>)
        return cell_type::integer;
    else if constexpr (real_cell<T>)
        return cell_type::real;
    else if constexpr (text_cell<T>)
        return cell_type::text;
    else
        return cell_type::bytes;
}

template <cell T>
inline constexpr cell_type cell_type_of = plain_cell_type<typename plain_cell_of<T>::type>();

/// Gives one value to the encoder.
template <cell T>
void encode_cell(row_encoder& to, const T& value) {
    if constexpr (is_optional<T>) {
        value ? encode_cell(to, *value) : to.null();
    } else if constexpr (std::same_as<T, bool>) {
        to.boolean(value);
    } else if constexpr (integer_cell<T>) {
        if constexpr (std::unsigned_integral<T> && sizeof(T) == 8)
            to.unsigned_integer(value);
        else
            to.integer(static_cast<std::int64_t>(value));
    } else if constexpr (real_cell<T>) {
        to.real(static_cast<double>(value));
    } else if constexpr (std::is_array_v<T>) {
        // A char array may be full: the text ends at its NUL or with the array.
        if constexpr (text_cell<T>)
            to.text({value, std::find(value, value + std::extent_v<T>, '\0')});
        else
            to.bytes(value);
    } else if constexpr (text_cell<T>) {
        if constexpr (std::is_pointer_v<T>) {
            if (value == nullptr) return to.null();
        }
        to.text(value);
    } else {
        to.bytes(value);
    }
}

}  // namespace penstock::detail
