#pragma once

#include <memory>
#include <stdexcept>

#include "penstock/failure.hpp"

namespace penstock {

/// Something that was asked of a `client`, or of `read_json`, did not come about. What failed is in `why()`: its kind,
/// the HTTP status and the rest; `is_blocked`, `is_timeout` and the others tell who is to blame. The text holds no
/// secret.
class call_failed : public std::runtime_error {
public:
    /// Throws `std::bad_alloc`.
    explicit call_failed(failure why, unsigned attempts = 0);

    const failure& why() const noexcept { return *why_; }
    /// How many times the request was sent; 0 if it never was.
    unsigned attempts() const noexcept { return attempts_; }

private:
    std::shared_ptr<const failure> why_;
    unsigned attempts_;
};

}  // namespace penstock
