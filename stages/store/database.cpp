#include "penstock/stages/store/database.hpp"

#include "penstock/errors.hpp"

namespace penstock {
namespace {

/// Takes the path out of what follows "sqlite:". Messages may quote it: a path holds no password.
std::string sqlite_path(std::string_view rest) {
    if (rest == ":memory:")
        throw bad_option("sqlite::memory: cannot be stored into: no second connection could see its rows; name a file");
    if (rest.starts_with("//")) {
        if (!rest.starts_with("///"))
            throw bad_option("a sqlite address has no host; write sqlite:relative.db or sqlite:///absolute.db");
        rest.remove_prefix(2);
    }
    if (rest.empty()) throw bad_option("a sqlite address needs a file, as in sqlite:quotes.db");
    if (rest.find('\0') != rest.npos) throw bad_option("the path of a sqlite address holds a NUL byte");
    if (rest.find('?') != rest.npos)
        throw bad_option("a sqlite address takes no parameters after '?'; use the options of store");
    return std::string(rest);
}

/// Keeps user, host and database name. What cannot be told apart from a password is left out altogether.
std::string postgresql_label(std::string_view rest) {
    const std::string scheme = "postgresql://";
    const std::string_view base = rest.substr(0, rest.find('?'));
    if (rest.substr(base.size()).find('@') != rest.npos) return scheme + "…";
    const std::size_t at = base.rfind('@');
    if (at == base.npos) return scheme + std::string(base);
    const std::string_view user = base.substr(0, at).substr(0, base.substr(0, at).find(':'));
    return scheme + std::string(user) + std::string(base.substr(at));
}

}  // namespace

database::database(std::string_view url, database_options options) : options_(options) {
    using namespace std::string_view_literals;
    detail::check(options);
    if (url.starts_with("sqlite:")) {
        kind_ = database_kind::sqlite;
        address_ = sqlite_path(url.substr("sqlite:"sv.size()));
        label_ = "sqlite:" + address_;
        if (options.connections != 1)
            throw bad_option(
                "database_options::connections is more than 1, but a SQLite file has one writer at a time");
        return;
    }
    for (const std::string_view scheme : {"postgresql://"sv, "postgres://"sv}) {
        if (!url.starts_with(scheme)) continue;
        kind_ = database_kind::postgresql;
        address_ = url;
        label_ = postgresql_label(url.substr(scheme.size()));
        return;
    }
    throw bad_option("a database address begins with sqlite: or postgresql://, and this one does not");
}

}  // namespace penstock
