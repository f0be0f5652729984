#include "penstock/authorization.hpp"

#include <cstddef>
#include <string>

#include "penstock/errors.hpp"

namespace penstock {

namespace {

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        unsigned three = 0;
        for (std::size_t i = at; i < at + 3; ++i) {
            three = three << 8U | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text += at + i > bytes.size() ? '=' : digits[three >> (18 - 6 * i) & 63U];
        }
    }
    return text;
}

}  // namespace

authorization basic_auth(std::string_view user, const secret& password) {
    if (user.find(':') != std::string_view::npos) {
        throw bad_option("basic_auth: the user's name holds a colon; a server takes what follows it for the password");
    }
    return authorization("Basic " + base64(std::string(user) + ':' + password.reveal()));
}

authorization bearer_auth(const secret& token) { return authorization("Bearer " + token.reveal()); }

}  // namespace penstock
