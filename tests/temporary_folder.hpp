#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace penstock::testing {

/// A folder that goes when the test does.
class temporary_folder {
public:
    explicit temporary_folder(const std::filesystem::path& in = std::filesystem::temp_directory_path()) {
        std::string name = (in / "penstock-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder at " + name);
        path_ = name;
    }
    ~temporary_folder() { std::filesystem::remove_all(path_); }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

/// Where a folder costs no disk, if there is such a place: for databases whose every COMMIT would wait for it.
inline std::filesystem::path in_memory() {
    const std::filesystem::path place = "/dev/shm";
    return ::access(place.c_str(), W_OK | X_OK) == 0 ? place : std::filesystem::temp_directory_path();
}

}  // namespace penstock::testing
