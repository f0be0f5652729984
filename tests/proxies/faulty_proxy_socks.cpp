#include "faulty_proxy.hpp"
#include "socket_text.hpp"

// The proxy's SOCKS.
namespace penstock::testing {

void faulty_proxy::serve_socks(int fd) {
    using namespace std::string_literals;
    std::string text;
    if (!read_at_least(fd, text, 2) || !read_at_least(fd, text, 2 + static_cast<unsigned char>(text[1]))) return;
    const bool login = text.find('\2', 2) != std::string::npos;
    if (how_ == manner::socks_login) {
        send_all(fd, "\5\xff"s);
        return;
    }
    send_all(fd, login ? "\5\2"s : "\5\0"s);
    std::string user;
    text.clear();
    if (login) {
        if (!read_at_least(fd, text, 2)) return;
        const std::size_t name = static_cast<unsigned char>(text[1]);
        if (!read_at_least(fd, text, 3 + name)) return;
        const std::size_t word = static_cast<unsigned char>(text[2 + name]);
        if (!read_at_least(fd, text, 3 + name + word)) return;
        user = text.substr(2, name) + ':' + text.substr(3 + name, word);
        text.clear();
        send_all(fd, "\1\0"s);
    }
    if (!read_at_least(fd, text, 10)) return;
    std::string host;
    std::size_t at = 0;
    if (text[3] == 1) {
        for (std::size_t i = 4; i < 8; ++i) {
            host += (i == 4 ? "" : ".") + std::to_string(static_cast<unsigned char>(text[i]));
        }
        at = 8;
    } else if (text[3] == 4) {
        if (!read_at_least(fd, text, 22)) return;
        host = "[::]";  // Whichever: all of them are this machine.
        at = 20;
    } else {
        at = 5 + static_cast<unsigned char>(text[4]);
        if (!read_at_least(fd, text, at + 2)) return;
        host = text.substr(5, at - 5);
    }
    const unsigned port = static_cast<unsigned char>(text[at]) * 256U + static_cast<unsigned char>(text[at + 1]);
    const std::string target = host + ':' + std::to_string(port);
    const std::size_t log = note({user, target, {}, true});
    const int to = how_ == manner::socks_refuses ? -1 : connect_to(target);
    send_all(fd, "\5"s + (to < 0 ? '\2' : '\0') + "\0\1\0\0\0\0\0\0"s);
    if (to >= 0) relay(fd, to, log);
}

void faulty_proxy::serve_socks4(int fd) {
    using namespace std::string_literals;
    std::string text;
    if (!read_at_least(fd, text, 9)) return;
    const auto read_word = [&](std::size_t from) {
        while (text.find('\0', from) == std::string::npos) {
            if (!read_more(fd, text)) return std::string();
        }
        return text.substr(from, text.find('\0', from) - from);
    };
    const std::string user = read_word(8);
    // An address that begins with three zeros says that a name follows.
    const bool named = text.compare(4, 3, "\0\0\0"s) == 0;
    const std::string host = named ? read_word(9 + user.size()) : "127.0.0.1";
    const unsigned port = static_cast<unsigned char>(text[2]) * 256U + static_cast<unsigned char>(text[3]);
    const std::string target = host + ':' + std::to_string(port);
    const std::size_t log = note({user, target, {}, true});
    const int to = connect_to(target);
    send_all(fd, "\0"s + (to < 0 ? '\x5b' : '\x5a') + "\0\0\0\0\0\0"s);
    if (to >= 0) relay(fd, to, log);
}

}  // namespace penstock::testing
