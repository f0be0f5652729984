#pragma once

#include <unistd.h>

#include <utility>

namespace penstock::fetch_stage {

/// A file descriptor that is closed with its owner.
class unique_fd {
public:
    explicit unique_fd(int fd = -1) noexcept : fd_(fd) {}
    unique_fd(unique_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    unique_fd& operator=(unique_fd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~unique_fd() {
        if (fd_ >= 0) ::close(fd_);
    }
    int value() const noexcept { return fd_; }

private:
    int fd_;
};

}  // namespace penstock::fetch_stage
