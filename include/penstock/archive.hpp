#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "penstock/page.hpp"

namespace penstock {

/// Keeps the bodies of pages in files, to look into. As a stage, `parallel("save", archive("pages"))`, it hands each
/// page on; as the `save_dir` of a client it has all of that client's pages.
///
/// A file is named by a number and the page's URL without its query, made safe for a file's name, and can be read by
/// its owner alone. A file that is there already is never written to. Copies number together. Any thread.
class archive {
public:
    struct limits {
        std::size_t max_bytes = std::size_t{1} << 20;  ///< Of a file; the rest of a longer body is left out.
    };
    /// Makes the folder if there is none. Throws `bad_option` if it cannot be.
    explicit archive(std::filesystem::path folder, limits most);
    explicit archive(std::filesystem::path folder) : archive(std::move(folder), limits{}) {}

    /// Writes a file and says which. Throws `std::system_error`, as when the disk is full; then no file is left.
    std::filesystem::path save(const page& one) const;

    /// The same, and hands the page on.
    page operator()(page one) const {
        save(one);
        return one;
    }

private:
    std::filesystem::path folder_;
    limits most_;
    std::shared_ptr<std::atomic<std::uint64_t>> number_;
};

}  // namespace penstock
