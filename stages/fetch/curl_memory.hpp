#pragma once

#include <array>
#include <cstddef>

namespace penstock::fetch_stage {

/// Keeps what libcurl frees on one thread for what it asks for there next. Each request has libcurl allocate and free
/// some thirty blocks of the same sizes as the one before. With hundreds of requests under way these are more than
/// malloc's own cache of a thread has room for (seven of a size), and its slow paths cost several times as much.
///
/// Each block is one of malloc's, so any thread may free it, and a program that frees a text of libcurl's by
/// `std::free` does no harm. A thread without a `curl_memory` uses malloc directly. A thread has one at a time and
/// destroys it.
class curl_memory {
public:
    /// True if malloc's blocks have the sizes that this class counts on. They are glibc's; another malloc, a
    /// sanitizer's or a debugger's, is not helped.
    static bool fits_malloc() noexcept;

    /// Works for the calling thread from now on. `most`: the bytes kept at most, besides the last few that were freed.
    explicit curl_memory(std::size_t most) noexcept;
    /// Gives all that is kept back to malloc.
    ~curl_memory();
    curl_memory(const curl_memory&) = delete;
    curl_memory& operator=(const curl_memory&) = delete;

    /// Bytes that are kept.
    [[nodiscard]] std::size_t kept() const noexcept { return kept_; }

    /// What `curl_global_init_mem` asks for: like `malloc`, `free`, `realloc`, `strdup` and `calloc`. Any thread.
    static void* allocate(std::size_t size) noexcept;
    static void release(void* block) noexcept;
    static void* resize(void* block, std::size_t size) noexcept;
    static char* copy(const char* text) noexcept;
    static void* allocate_zeroed(std::size_t count, std::size_t size) noexcept;

private:
    struct free_block {
        free_block* next;
    };
    /// In place n are blocks with room for `step * n - header` bytes, or a little more: the sizes of glibc's blocks,
    /// which have a header of 8 bytes.
    static constexpr std::size_t step = 16;
    static constexpr std::size_t header = 8;
    /// Up to 40 KiB. libcurl's buffer has 16 KiB, zlib's window 32 KiB.
    static constexpr std::size_t places = (std::size_t{40} << 10) / step;

    void* take(std::size_t size) noexcept;
    void sort_in(void* block) noexcept;

    std::size_t most_;
    std::size_t kept_ = 0;
    std::array<free_block*, places> free_{};
    std::array<void*, 16> just_freed_{};  ///< A ring.
    std::size_t next_ = 0;
};

}  // namespace penstock::fetch_stage
