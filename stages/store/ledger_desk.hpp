#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/item_key.hpp"
#include "penstock/stages/store/database.hpp"

namespace penstock::detail {

/// Where ledgers are looked at and forgotten: a connection for questions, and what databases write differently.
class ledger_desk {
public:
    using answer = std::vector<std::vector<std::optional<std::string>>>;

    virtual ~ledger_desk() = default;

    /// The names of the two tables, quoted.
    virtual std::string ledgers() const = 0;
    virtual std::string items() const = 0;
    /// A text, and a key, as SQL has them.
    virtual std::string text(std::string_view of) const = 0;
    virtual std::string key(const item_key& of) const = 0;
    /// A column of times as seconds since 1970, and one of keys as digits.
    virtual std::string seconds(std::string_view column) const = 0;
    virtual std::string digits(std::string_view column) const = 0;

    /// Throws `preflight_failed`.
    virtual answer ask(const std::string& sql) = 0;
    /// Runs a DELETE; how many rows are gone. Throws `preflight_failed`.
    virtual std::uint64_t remove(const std::string& sql) = 0;
};

/// Opens a database that is there. Throws `preflight_failed`.
std::unique_ptr<ledger_desk> open_desk(const database& in, const std::string& schema);

}  // namespace penstock::detail
