#pragma once

#include <string_view>
#include <utility>

#include "penstock/secret.hpp"

namespace penstock {

/// Who asks: the value of a request's Authorization field; none by default. It goes to the origin that is asked and
/// never follows a redirect to another one.
class authorization {
public:
    authorization() = default;

    bool empty() const noexcept { return value_.empty(); }
    /// As it is sent.
    const secret& value() const noexcept { return value_; }

private:
    explicit authorization(secret value) noexcept : value_(std::move(value)) {}
    friend authorization basic_auth(std::string_view user, const secret& password);
    friend authorization bearer_auth(const secret& token);

    secret value_;
};

/// A user and a password, sent in a form that anybody can read who sees the request: for https. Throws `bad_option` if
/// the user's name holds a colon, for then the server would take another password.
authorization basic_auth(std::string_view user, const secret& password);

/// A token that the server gave out.
authorization bearer_auth(const secret& token);

}  // namespace penstock
