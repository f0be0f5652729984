// Names and cells made of any bytes, given to a real server: what is kept must be what was given, and nothing else may
// have happened there.
#include <array>
#include <memory>

#include "penstock/errors.hpp"
#include "penstock/stages/store/backend.hpp"
#include "server.hpp"
#include "stages/store/connection.hpp"
#include "tests/fuzz/formats.hpp"

namespace penstock::testing {

namespace {

constexpr std::size_t parts = 5;

/// The n-th of five parts of the bytes.
std::span<const std::uint8_t> part_of(std::span<const std::uint8_t> bytes, std::size_t n) {
    const std::size_t begin = n * bytes.size() / parts;
    return bytes.subspan(begin, (n + 1) * bytes.size() / parts - begin);
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        text += digits[static_cast<unsigned char>(byte) >> 4];
        text += digits[static_cast<unsigned char>(byte) & 15];
    }
    return text;
}

/// A name in SQL, written anew so that the library's quoting is not tested against itself.
std::string in_quotes(const std::string& name) {
    std::string text = "\"";
    for (const char letter : name) text += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return text + '"';
}

/// A schema with a canary in it, for the whole program.
struct cage {
    own_schema schema;
    cage() { schema.other.run("create table canary(alive int); insert into canary values (1)"); }

    std::string state() const {
        return schema.other.value(
            "select (select count(*) || '|' || sum(alive) from canary) || '|' || (select count(*)"
            " from pg_class where relkind = 'r' and relnamespace = '"
            + schema.name + "'::regnamespace)");
    }

    /// True if the server itself takes these bytes for a text.
    bool is_text(const std::string& bytes) const {
        try {
            schema.other.run("select convert_from(decode('" + hex(bytes) + "', 'hex'), 'UTF8')");
            return true;
        } catch (const std::runtime_error&) {
            return false;
        }
    }
};

std::string words(std::span<const std::uint8_t> bytes) {
    static const std::vector<std::string> known = {
        "a",  "\"",     "\"; drop table canary; --", "'", ";", "\\", "\t", "\n", "\\N", "\\.", "é", ".",
        "$1", "canary", std::string(1, '\0')};
    return spell(bytes, known);
}

std::string check_row(const cage& in, const database& to, const std::shared_ptr<const detail::table_spec>& table,
                      const std::string& text, const std::string& bytes) {
    const auto open = detail::connect(to, {table}, {.create_table = true});
    const auto encoder = detail::make_encoder(to, table);
    encoder->begin();
    encoder->integer(1);
    encoder->text(text);
    encoder->bytes(std::as_bytes(std::span(bytes)));
    encoder->end_row();
    if (encoder->refused()) return in.is_text(text) ? "refused: " + encoder->refusal() : "";
    const detail::encoded_rows rows = encoder->finish();
    const std::array<const detail::encoded_rows*, 1> batch{&rows};
    const detail::write_result result = open->write(batch);
    if (result.how != detail::write_end::committed || !result.refused.empty()) return "not written: " + result.reason;
    const auto found = in.schema.other.ask("select encode(convert_to(" + in_quotes(table->columns[1].name)
                                           + ", 'UTF8'), 'hex'), encode(" + in_quotes(table->columns[2].name)
                                           + ", 'hex') from " + in_quotes(table->table()));
    if (found != std::vector{hex(text) + '|' + hex(bytes)}) return "another row: " + (found.empty() ? "" : found[0]);
    if (const std::string state = in.state(); state != "1|1|2") return "the canary: " + state;
    in.schema.other.run("drop table " + in_quotes(table->table()));
    return {};
}

}  // namespace

std::string check_server(std::span<const std::uint8_t> bytes) {
    static const cage around;
    std::shared_ptr<const detail::table_spec> table;
    const std::string blob(reinterpret_cast<const char*>(part_of(bytes, 4).data()), part_of(bytes, 4).size());
    try {
        // A dot would be the end of a schema's name, and there is no such schema.
        std::string name = 't' + words(part_of(bytes, 0));
        std::erase(name, '.');
        table = std::make_shared<const detail::table_spec>(
            detail::make_table_spec(name, {{"id", cell_type::integer, false, true},
                                           {'c' + words(part_of(bytes, 1)), cell_type::text, false, false},
                                           {'d' + words(part_of(bytes, 2)), cell_type::bytes, false, false}}));
    } catch (const bad_option&) {
        return {};  // Too long, not UTF-8, …
    }
    try {
        return check_row(around, database(around.schema.url()), table, words(part_of(bytes, 3)), blob);
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace penstock::testing
