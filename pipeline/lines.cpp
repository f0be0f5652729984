#include "penstock/sources/lines.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/errors.hpp"

namespace penstock {

namespace {

constexpr std::size_t longest_line = std::size_t{1} << 20;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t read_size = std::size_t{64} << 10;

/// Closes a descriptor of its own, and leaves a borrowed one open. The number tells nothing: in a program without a
/// standard input 0 is a file like any other.
class descriptor {
public:
    descriptor() = default;
    explicit descriptor(int own) : number_(own) {}
    static descriptor borrowed(int number) {
        descriptor one(number);
        one.own_ = false;
        return one;
    }
    ~descriptor() {
        if (own_ && number_ >= 0) ::close(number_);
    }
    descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)), own_(other.own_) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        std::swap(own_, other.own_);
        return *this;
    }
    int number() const noexcept { return number_; }

private:
    int number_ = -1;
    bool own_ = true;
};

class line_source final : public detail::any_source {
public:
    explicit line_source(std::filesystem::path file)
        : any_source("lines", detail::value_type_of<std::string>), file_(std::move(file)) {}

    void open() override {
        if (file_ == "-") {
            input_ = descriptor::borrowed(STDIN_FILENO);
        } else {
            // A pipe that nobody writes to yet must not hold up the run where no stop token can end the wait.
            input_ = descriptor(::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
            if (input_.number() < 0) fail_preflight("cannot open ");
        }
        refuse_folder();
        bell_ = descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (bell_.number() < 0) fail_preflight("cannot make a descriptor to wake the reader of ");
        buffer_.resize(read_size);
        from_ = to_ = 0;
        number_ = 0;
        at_beginning_ = true;
        ended_ = false;
    }

    bool next(void* room, const std::stop_token& stop) override {
        const std::stop_callback wake(stop, [this] { ring(); });
        std::string line;
        while (read_line(line, stop)) {
            if (!line.empty() && line.back() == '\r') line.pop_back();
            if (line.empty()) continue;
            std::construct_at(static_cast<std::string*>(room), std::move(line));
            return true;
        }
        input_ = descriptor();
        return false;
    }

private:
    [[noreturn]] void fail_preflight(const char* what) {
        throw preflight_failed("lines: " + std::string(what) + file_.string() + ": " + std::strerror(errno));
    }

    /// It can be opened for reading, and only the first read would say what it is.
    void refuse_folder() {
        struct stat status {};
        if (::fstat(input_.number(), &status) != 0 || !S_ISDIR(status.st_mode)) return;
        errno = EISDIR;
        fail_preflight("cannot read ");
    }

    void ring() const noexcept {
        const std::uint64_t one = 1;
        (void)!::write(bell_.number(), &one, sizeof one);
    }

    /// The next line without its LF; false at the end and when stopped.
    bool read_line(std::string& line, const std::stop_token& stop) {
        line.clear();
        for (;;) {
            const std::string_view have(buffer_.data() + from_, to_ - from_);
            const auto end = have.find('\n');
            line.append(have.substr(0, end));
            leave_mark_out(line, end != std::string_view::npos);
            // A CR may be the first half of its end; if it is none, more follows.
            if (line.size() - std::size_t{line.ends_with('\r')} > longest_line) {
                throw std::runtime_error("line " + std::to_string(number_ + 1) + " of " + file_.string()
                                         + " is longer than " + std::to_string(longest_line) + " bytes");
            }
            if (end != std::string_view::npos) {
                from_ += end + 1;
                ++number_;
                return true;
            }
            from_ = to_ = 0;
            if (!fill(stop)) return !line.empty() && !stop.stop_requested();
        }
    }

    /// Once there is enough of the first line to tell.
    void leave_mark_out(std::string& line, bool is_whole) {
        if (!at_beginning_ || (line.size() < byte_order_mark.size() && !is_whole)) return;
        if (line.starts_with(byte_order_mark)) line.erase(0, byte_order_mark.size());
        at_beginning_ = false;
    }

    bool fill(const std::stop_token& stop) {
        while (!ended_ && !stop.stop_requested()) {
            pollfd watched[] = {{input_.number(), POLLIN, 0}, {bell_.number(), POLLIN, 0}};
            if (::poll(watched, 2, -1) < 0 && errno != EINTR) throw_errno("cannot wait for");
            if (watched[0].revents == 0) continue;
            const ssize_t got = ::read(input_.number(), buffer_.data(), buffer_.size());
            if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
            if (got < 0) throw_errno("cannot read");
            to_ = static_cast<std::size_t>(got);
            ended_ = got == 0;
            return !ended_;
        }
        return false;
    }

    [[noreturn]] void throw_errno(const char* what) const {
        throw std::runtime_error(std::string(what) + " " + file_.string() + ": " + std::strerror(errno));
    }

    std::filesystem::path file_;
    descriptor input_;
    descriptor bell_;
    std::vector<char> buffer_;
    std::size_t from_ = 0;
    std::size_t to_ = 0;
    std::uint64_t number_ = 0;
    bool at_beginning_ = true;
    bool ended_ = false;
};

}  // namespace

bare_source<std::string> lines(std::filesystem::path file) {
    if (file.empty()) throw bad_option("lines: the path is empty; give a file, or \"-\" for the standard input");
    detail::blueprint plan;
    plan.source = std::make_unique<line_source>(std::move(file));
    return bare_source<std::string>(std::move(plan));
}

}  // namespace penstock
