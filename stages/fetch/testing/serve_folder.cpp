#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <penstock/testing/http_server.hpp>
#include <stdexcept>

namespace penstock::testing {

namespace {

/// The path a target names, with %XX decoded, or nothing if it is no path or would lead out of the
/// root.
std::optional<std::string> path_of(std::string_view target) {
    target = target.substr(0, target.find('?'));
    if (!target.starts_with('/')) {
        return std::nullopt;
    }
    std::string path;
    for (std::size_t at = 0; at < target.size(); ++at) {
        if (target[at] != '%') {
            path += target[at];
            continue;
        }
        const auto digits = target.substr(at + 1, 2);
        unsigned char letter = 0;
        const auto end = digits.data() + digits.size();
        if (digits.size() < 2 || std::from_chars(digits.data(), end, letter, 16).ptr != end) {
            return std::nullopt;
        }
        path += static_cast<char>(letter);
        at += 2;
    }
    // Looked at after decoding, so that %2e%2e and %2f cannot hide a parent.
    if (path.find('\0') != std::string::npos || (path + '/').find("/../") != std::string::npos) {
        return std::nullopt;
    }
    return path;
}

std::optional<std::string> read_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return std::nullopt;
    }
    struct ::stat facts {};
    std::optional<std::string> content;
    if (::fstat(file, &facts) == 0 && S_ISREG(facts.st_mode)) {
        content.emplace(static_cast<std::size_t>(facts.st_size), '\0');
        std::size_t filled = 0;
        while (filled < content->size()) {
            const auto got = ::read(file, content->data() + filled, content->size() - filled);
            if (got <= 0) {
                break;
            }
            filled += static_cast<std::size_t>(got);
        }
        content->resize(filled);
    }
    ::close(file);
    return content;
}

const char* content_type_of(std::string_view path) {
    if (path.ends_with(".json")) {
        return "application/json";
    }
    if (path.ends_with(".html")) {
        return "text/html; charset=utf-8";
    }
    return path.ends_with(".txt") ? "text/plain; charset=utf-8" : "application/octet-stream";
}

}  // namespace

http_handler serve_folder(std::filesystem::path root) {
    if (!std::filesystem::is_directory(root)) {
        throw std::invalid_argument("serve_folder: " + root.string() + " is not a folder");
    }
    // Absolute, because the program may change its working directory later.
    return [folder = std::filesystem::absolute(root).string()](const http_request& request) {
        if (request.method != "GET" && request.method != "HEAD") {
            return status(405);
        }
        const auto path = path_of(request.target);
        auto content = path ? read_file(folder + *path) : std::nullopt;
        if (!content) {
            return status(404);
        }
        return http_response{.headers = {{"Content-Type", content_type_of(*path)}}, .body = *std::move(content)};
    };
}

}  // namespace penstock::testing
