#pragma once

#include <cstddef>

namespace penstock::testing {

/// While it lives, the `number`-th call of operator new in the whole process, from 1, throws `std::bad_alloc`. One at a
/// time. Those of this thread count only between its making and its end, those of others whenever they come.
class failing_new {
public:
    explicit failing_new(std::size_t number);
    ~failing_new();
    failing_new(const failing_new&) = delete;
    failing_new& operator=(const failing_new&) = delete;

    /// True if that call has come.
    bool failed() const;
};

/// How many pieces of memory operator new has given out that are not yet given back.
std::ptrdiff_t pieces_alive();

}  // namespace penstock::testing
