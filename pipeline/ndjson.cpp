#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "log.hpp"
#include "penstock/dead_letter.hpp"
#include "penstock/detail/affordable_text.hpp"
#include "penstock/detail/letters.hpp"
#include "penstock/errors.hpp"

namespace penstock {

namespace {

/// Keeps a pipe without a reader, or a file as large as the process may make one, from ending the process: a letter may
/// be written on a thread of the host's or of TBB's, where SIGPIPE and SIGXFSZ are not blocked. What the write raised
/// is taken back; what was pending before stays.
class no_signal_from_writing {
public:
    no_signal_from_writing() noexcept {
        sigset_t pending, both;
        ::sigpending(&pending);
        ::sigemptyset(&both);
        ::sigemptyset(&raised_);
        for (const int signal : {SIGPIPE, SIGXFSZ}) {
            ::sigaddset(&both, signal);
            if (::sigismember(&pending, signal) == 0) ::sigaddset(&raised_, signal);
        }
        ::pthread_sigmask(SIG_BLOCK, &both, &before_);
    }
    ~no_signal_from_writing() {
        const timespec at_once{};
        while (::sigtimedwait(&raised_, nullptr, &at_once) >= 0 || errno == EINTR) {
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    no_signal_from_writing(const no_signal_from_writing&) = delete;
    no_signal_from_writing& operator=(const no_signal_from_writing&) = delete;

private:
    sigset_t raised_{};  ///< What can only have come from the write.
    sigset_t before_{};
};

class ndjson_writer final : public dead_letter_sink::writer {
public:
    explicit ndjson_writer(std::filesystem::path file) : file_(std::move(file)) {}
    ~ndjson_writer() override {
        if (file_descriptor_ >= 0) ::close(file_descriptor_);
    }

    void open() override {
        const std::lock_guard lock(mutex_);
        if (runs_ == 0) open_file();
        ++runs_;
    }
    void write(const dead_letter& letter) override {
        std::string line = detail::json_of(letter) + '\n';
        const std::lock_guard lock(mutex_);
        // What is left of a line that failed half way, now or in an earlier run, must not spoil the next one. It stays:
        // another process may have written behind it, so nobody can tell what to cut.
        if (broken_off_) line.insert(line.begin(), '\n');
        const no_signal_from_writing guard;
        std::string_view left = line;
        while (!left.empty()) {
            const ssize_t wrote = ::write(file_descriptor_, left.data(), left.size());
            if (wrote < 0 && errno == EINTR) continue;
            if (wrote < 0) {
                throw std::runtime_error("cannot write to " + file_.string() + ": " + std::strerror(errno));
            }
            left.remove_prefix(static_cast<std::size_t>(wrote));
            broken_off_ = !left.empty();
        }
    }
    void close() override {
        const std::lock_guard lock(mutex_);
        if (--runs_ != 0) return;
        // Some file systems say only now that the disk is full.
        if (::close(std::exchange(file_descriptor_, -1)) != 0 && errno != EINTR) {
            throw std::runtime_error("cannot write to " + file_.string() + ": " + std::strerror(errno));
        }
    }

private:
    void open_file() {
        // A pipe without a reader must not hold up the run where no stop token can end the wait; a letter may wait.
        file_descriptor_ = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
        if (file_descriptor_ < 0 || !make_blocking(file_descriptor_)) {
            const int error = errno;
            if (file_descriptor_ >= 0) ::close(std::exchange(file_descriptor_, -1));
            const char* const why =
                error == ENXIO ? "nobody reads this pipe; begin its reader first" : std::strerror(error);
            throw preflight_failed("cannot open the dead-letter file " + file_.string() + ": " + why);
        }
        broken_off_ = !ends_with_a_line();
    }

    static bool make_blocking(int descriptor) noexcept {
        const int flags = ::fcntl(descriptor, F_GETFL);
        return flags >= 0 && ::fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) == 0;
    }

    /// False for a regular file whose last line has no end, or may have none because this user cannot read it: an empty
    /// line too many harms nobody.
    bool ends_with_a_line() const noexcept {
        struct stat status {};
        if (::fstat(file_descriptor_, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) return true;
        const int reading = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
        if (reading < 0) return false;
        char last = 0;
        const bool known = ::pread(reading, &last, 1, status.st_size - 1) == 1;
        ::close(reading);
        return known && last == '\n';
    }

    const std::filesystem::path file_;
    std::mutex mutex_;   // Of all below: several runs may share the file.
    unsigned runs_ = 0;  // Those that have it open.
    int file_descriptor_ = -1;
    bool broken_off_ = false;
};

}  // namespace

void detail::tell_of_cut_lines(const std::filesystem::path& file, std::uint64_t how_many,
                               std::uint64_t first) noexcept {
    log_warning(affordable_text([&] {
        return std::to_string(how_many) + (how_many == 1 ? " dead letter in " : " dead letters in ") + file.string()
               + " cannot be replayed, for a full disk or a kill cut it off; see line " + std::to_string(first);
    }));
}

dead_letter_sink ndjson(std::filesystem::path file) {
    if (file.empty()) throw bad_option("ndjson: the path of the dead-letter file is empty");
    return dead_letter_sink(std::make_shared<ndjson_writer>(std::move(file)));
}

}  // namespace penstock
