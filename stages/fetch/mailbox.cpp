#include "mailbox.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace penstock::fetch_stage {

mailbox::mailbox() : bell_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (bell_.value() < 0) throw std::system_error(errno, std::generic_category(), "fetch: eventfd");
}

void mailbox::clear() noexcept {
    (void)items_.take_all();
    orders_.store(none, std::memory_order_seq_cst);
    asleep_.store(false, std::memory_order_seq_cst);
    silence();
}

void mailbox::ring() noexcept {
    const std::uint64_t one = 1;
    while (::write(bell_.value(), &one, sizeof one) < 0 && errno == EINTR) {
    }
}

void mailbox::silence() noexcept {
    std::uint64_t rung = 0;
    while (::read(bell_.value(), &rung, sizeof rung) < 0 && errno == EINTR) {
    }
}

}  // namespace penstock::fetch_stage
