#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "penstock/stages/store/cell_type.hpp"
#include "penstock/stages/store/row_encoder.hpp"
#include "penstock/stages/store/values.hpp"

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

template <class T>
concept date_cell = std::same_as<T, std::chrono::sys_days> || std::same_as<T, std::chrono::year_month_day>;

template <class T>
inline constexpr bool is_sys_time = false;
template <class Duration>
inline constexpr bool is_sys_time<std::chrono::sys_time<Duration>> = true;

template <class T>
concept timestamp_cell = is_sys_time<T> && !date_cell<T>;

/// What a column can hold by itself.
template <class T>
concept simple_cell = std::same_as<T, bool> || integer_cell<T> || real_cell<T> || text_cell<T> || bytes_cell<
    T> || date_cell<T> || timestamp_cell<T> || std::same_as<T, decimal> || std::same_as<T, json_text>;

/// What `stored_as` makes of a value; void if it is not specialised.
template <class T>
struct stored_form {
    using type = void;
};
template <class T>
requires requires(const T& value) { stored_as<T>::value(value); }
struct stored_form<T> {
    using type = std::remove_cvref_t<decltype(stored_as<T>::value(std::declval<const T&>()))>;
};
template <class T>
using stored_form_of = typename stored_form<T>::type;

template <class T>
struct without_optional {
    using type = T;
};
template <class T>
struct without_optional<std::optional<T>> {
    using type = T;
};
template <class T>
using without_optional_of = typename without_optional<T>::type;

/// What a user's type is stored as, without its optional.
template <class T>
using users_cell = without_optional_of<stored_form_of<T>>;

/// What a column can hold, when it is not optional. A specialised `stored_as` goes before everything else.
template <class T>
concept plain_cell = simple_cell<users_cell<T>> ||(std::same_as<stored_form_of<T>, void>&& simple_cell<T>);

/// What a getter may return: a plain cell, or an optional of one.
template <class T>
concept cell = plain_cell<without_optional_of<T>>;

template <simple_cell T>
constexpr cell_type simple_cell_type() {
    if constexpr (std::same_as<T, bool>)
        return cell_type::boolean;
    else if constexpr (integer_cell<T>)
        return cell_type::integer;
    else if constexpr (real_cell<T>)
        return cell_type::real;
    else if constexpr (text_cell<T>)
        return cell_type::text;
    else if constexpr (date_cell<T>)
        return cell_type::date;
    else if constexpr (timestamp_cell<T>)
        return cell_type::timestamp;
    else if constexpr (std::same_as<T, decimal>)
        return cell_type::decimal;
    else if constexpr (std::same_as<T, json_text>)
        return cell_type::json;
    else
        return cell_type::bytes;
}

template <plain_cell T>
constexpr cell_type plain_cell_type() {
    if constexpr (std::same_as<stored_form_of<T>, void>)
        return simple_cell_type<T>();
    else
        return simple_cell_type<users_cell<T>>();
}

template <cell T>
inline constexpr cell_type cell_type_of = plain_cell_type<without_optional_of<T>>();

/// True if a value may be NULL.
template <cell T>
inline constexpr bool is_nullable = is_optional<T> || is_optional<stored_form_of<without_optional_of<T>>>;

/// A time point in microseconds, rounded down; out of every calendar if it is too far away to be counted so.
template <class Duration>
std::chrono::sys_time<std::chrono::microseconds> in_microseconds(std::chrono::sys_time<Duration> value) {
    using microsecond_time = std::chrono::sys_time<std::chrono::microseconds>;
    const double seconds = std::chrono::duration<double>(value.time_since_epoch()).count();
    if (!(seconds > -1e12 && seconds < 1e12)) return microsecond_time::max();
    return std::chrono::floor<std::chrono::microseconds>(value);
}

/// Gives one value to the encoder.
template <cell T>
void encode_cell(row_encoder& to, const T& value) {
    if constexpr (is_optional<T>) {
        value ? encode_cell(to, *value) : to.null();
    } else if constexpr (!std::same_as<stored_form_of<T>, void>) {
        encode_cell(to, stored_as<T>::value(value));
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
    } else if constexpr (date_cell<T>) {
        to.date(value);
    } else if constexpr (timestamp_cell<T>) {
        to.timestamp(in_microseconds(value));
    } else if constexpr (std::same_as<T, decimal>) {
        to.decimal(value.digits);
    } else if constexpr (std::same_as<T, json_text>) {
        to.text(value.text);
    } else {
        to.bytes(value);
    }
}

}  // namespace penstock::detail
