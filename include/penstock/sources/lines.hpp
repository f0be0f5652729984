#pragma once

#include <filesystem>
#include <string>

#include "penstock/source.hpp"

namespace penstock {

/// A source of the lines of a text file, without their ends (LF or CRLF); "-" is the standard input. Empty lines are
/// left out, and so is a UTF-8 byte order mark at the beginning; else the bytes of a line come as they are. The file is
/// opened before the run takes anything, and read from its beginning in each run; one that cannot be opened, or is a
/// folder, throws `preflight_failed`. A pipe may stay silent for as long as it likes: reading it wakes up for the stop
/// token. A line above 1 MiB, without its end, ends the run as failed.
bare_source<std::string> lines(std::filesystem::path file);

}  // namespace penstock
