#include "penstock/archive.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "ascii.hpp"
#include "penstock/errors.hpp"
#include "split_url.hpp"
#include "unique_fd.hpp"

namespace penstock {

namespace {

using namespace fetch_stage;

constexpr std::size_t longest_name = 100;

/// Letters, digits, points and hyphens; nothing that leads to another folder or hides the file.
std::string safe_name(std::string_view url) {
    const split_url parts = split(url);
    std::string name(parts.host);
    name += parts.path;
    name.resize(std::min(name.size(), longest_name));
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !is_letter(c) && !is_digit(c) && c != '.' && c != '-'; }, '_');
    return name;
}

std::string_view ending_for(std::string_view content_type) noexcept {
    const std::string_view type = content_type.substr(0, content_type.find(';'));
    if (same_name(type, "text/html")) return ".html";
    if (same_name(type, "application/json")) return ".json";
    if (same_name(type.substr(0, 5), "text/")) return ".txt";
    return ".body";
}

void write_all(int fd, std::string_view bytes, const std::filesystem::path& file) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw std::system_error(errno, std::generic_category(), "archive: " + file.string());
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

archive::archive(std::filesystem::path folder, limits most)
    : folder_(std::move(folder)), most_(most), number_(std::make_shared<std::atomic<std::uint64_t>>(0)) {
    std::error_code failed;
    std::filesystem::create_directories(folder_, failed);
    if (!std::filesystem::is_directory(folder_, failed)) {
        throw bad_option("archive: \"" + folder_.string() + "\" is no folder and cannot be made one");
    }
}

std::filesystem::path archive::save(const page& one) const {
    const std::string name = '-' + safe_name(one.url()) + std::string(ending_for(one.header("Content-Type")));
    for (;;) {
        const std::string number = std::to_string(++*number_);
        const std::filesystem::path file =
            folder_ / (std::string(6 - std::min<std::size_t>(6, number.size()), '0') + number + name);
        const unique_fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (fd.value() < 0 && errno == EEXIST) continue;
        if (fd.value() < 0) throw std::system_error(errno, std::generic_category(), "archive: " + file.string());
        try {
            write_all(fd.value(), one.body().substr(0, most_.max_bytes), file);
        } catch (...) {
            ::unlink(file.c_str());  // A part of a page is not to be taken for one.
            throw;
        }
        return file;
    }
}

}  // namespace penstock
