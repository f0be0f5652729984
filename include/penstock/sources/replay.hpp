#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "penstock/dead_letter.hpp"
#include "penstock/request.hpp"
#include "penstock/source.hpp"
#include "penstock/stages/store/database.hpp"

namespace penstock {

/// Which letters a replay takes; an empty one takes all. The predicates of `blame.hpp` fit: `is_timeout<dead_letter>`.
using letter_filter = std::function<bool(const dead_letter&)>;

/// A source of the requests that dead letters tell of, from a file that `ndjson` wrote. A request has all of its
/// letter's but headers and authorization, which are not in letters: give those to fetch. A ledger knows it again, by
/// its URL, method and body or by its key, and a server by its `idempotency_key`. In a run with the ledger that holds
/// them as dead, set `run_options::retry_dead`.
///
/// Letters of items in doubt are given too, although their rows may be in the database. A run with the ledger of the
/// run that wrote them skips those that are. Without a ledger, take only letters whose `dead_letter::how` is
/// `outcome::dead`, or rows may be stored twice.
///
/// The file may hold a letter twice; a ledger makes one item of the two. Letters without a URL, with a confidential
/// body or of a method that was none are left out, and so is what the filter does not take. What a full disk or a kill
/// has cut off is left out, too, and the log says so; any other line that is no letter ends the run as failed, and so
/// does an error of reading. A file that cannot be opened and a folder throw `preflight_failed`.
///
/// Each run reads from the beginning to where the file ended when the run began. So a run may add its own dead letters
/// to the file that it reads; they are for the next one. What is no regular file, such as a pipe, is read to its end.
bare_source<request> replay(std::filesystem::path letters, letter_filter which = {});

/// The same from the dead items of a ledger, as they are when each is read. Each run begins with the first. `schema` is
/// that of the table that the ledger is kept beside; none for that of the search path. Throws `preflight_failed` if
/// there is no such ledger; that of the run's own `run_options::ledger` has been made by then.
bare_source<request> replay(database in, std::string ledger, letter_filter which = {}, std::string_view schema = {});

}  // namespace penstock
