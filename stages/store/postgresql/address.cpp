#include "address.hpp"

#include <libpq-fe.h>

#include <cstdlib>
#include <memory>
#include <string_view>

#include "penstock/errors.hpp"

namespace penstock::detail::postgresql {

parameters read_address(const std::string& address) {
    char* complaint = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> read(
        PQconninfoParse(address.c_str(), &complaint), PQconninfoFree);
    PQfreemem(complaint);
    if (read == nullptr || address.find('\0') != address.npos)
        throw bad_option(
            "the postgresql:// address cannot be read; it is postgresql://user:password@host:port/database?name=value, "
            "with % codes for the characters :/?#[]@% inside a part, and with libpq's parameter names");
    parameters said;
    for (const PQconninfoOption* option = read.get(); option->keyword != nullptr; ++option)
        if (option->val != nullptr) said.emplace(option->keyword, option->val);
    return said;
}

parameters connection_parameters(const std::string& address) {
    parameters said = read_address(address);
    // The environment may complete an address, as it does for psql, but these two would override the host in it.
    if (said.contains("host") && !said.contains("hostaddr") && !said.contains("service"))
        for (const char* name : {"PGHOSTADDR", "PGSERVICE"})
            if (const char* value = std::getenv(name); value != nullptr && *value != '\0')
                throw preflight_failed(std::string("the environment variable ") + name +
                                       " would lead the connection to another server than the one that the address "
                                       "names; unset it, or write hostaddr or service into the address");
    said.emplace("connect_timeout", "10");
    said.emplace("fallback_application_name", "penstock");
    return said;
}

std::string without_secrets(std::string message, const parameters& address) {
    constexpr std::string_view stars = "***";
    for (const char* name : {"password", "sslpassword"}) {
        const auto secret = address.find(name);
        if (secret == address.end() || secret->second.empty()) continue;
        for (std::size_t at = 0; (at = message.find(secret->second, at)) != message.npos; at += stars.size())
            message.replace(at, secret->second.size(), stars);
    }
    return message;
}

}  // namespace penstock::detail::postgresql
