#include "address.hpp"

#include <libpq-fe.h>

#include <algorithm>
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
    said.emplace("fallback_application_name", "penstock");
    return said;
}

std::vector<parameters> servers_of(const parameters& said) {
    const auto list = [&](const char* name) {
        std::vector<std::string> parts;
        const auto found = said.find(name);
        if (found == said.end()) return parts;
        for (std::size_t begin = 0;;) {
            const std::size_t end = std::min(found->second.find(',', begin), found->second.size());
            parts.push_back(found->second.substr(begin, end - begin));
            if (end == found->second.size()) break;
            begin = end + 1;
        }
        return parts;
    };
    const std::vector<std::string> hosts = list("host");
    const std::vector<std::string> addresses = list("hostaddr");
    const std::vector<std::string> ports = list("port");
    const std::size_t servers = std::max(hosts.size(), addresses.size());
    const auto one_each = [&](const std::vector<std::string>& parts) {
        return parts.empty() || parts.size() == servers;
    };
    // What does not match is libpq's to complain about.
    if (servers < 2 || !one_each(hosts) || !one_each(addresses) || (ports.size() > 1 && ports.size() != servers))
        return {said};
    std::vector<parameters> all(servers, said);
    for (std::size_t place = 0; place < servers; ++place) {
        if (!hosts.empty()) all[place]["host"] = hosts[place];
        if (!addresses.empty()) all[place]["hostaddr"] = addresses[place];
        if (ports.size() > 1) all[place]["port"] = ports[place];
    }
    return all;
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
