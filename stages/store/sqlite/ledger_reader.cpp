#include "ledger_reader.hpp"

#include <sqlite3.h>

#include "key_blob.hpp"
#include "ledger.hpp"
#include "ledger_sql.hpp"
#include "open.hpp"
#include "penstock/errors.hpp"

namespace penstock::detail::sqlite {

ledger_reader::ledger_reader(const database& in, const ledger_terms& terms, const store_options& options,
                             const std::stop_token& ending)
    : label_(in.label()), busy_(options.busy_timeout), file_([&] {
          const std::stop_callback wake(ending, [this] { busy_.interrupt(); });
          return open_to_wait(in, busy_);
      }()) {
    const std::stop_callback wake(ending, [this] { busy_.interrupt(); });
    try {
        id_ = begin_ledger(file_, terms, label_);
        look_up_ = file_.prepare(look_up_sql(terms.retry_dead));
        const statement first = file_.prepare(first_of_ledger_sql());
        sqlite3_bind_int64(first.get(), 1, id_);
        held_any_ = file_.step(first);
    } catch (const error& what) {
        throw preflight_failed("cannot read the ledger in " + label_ + ": " + what.message);
    }
    sqlite3_bind_int64(look_up_.get(), 1, id_);
}

look_up_result ledger_reader::look_up(std::span<const item_key> keys, std::vector<bool>& settled) {
    look_up_result result;
    try {
        file_.run("BEGIN");
        for (std::size_t at = 0; at < keys.size(); ++at) {
            if (busy_.interrupted()) throw error{SQLITE_INTERRUPT, "interrupted"};
            file_.check(bind_key(look_up_.get(), 2, keys[at]));
            settled[at] = file_.step(look_up_);
            sqlite3_reset(look_up_.get());
        }
        file_.run("COMMIT");
    } catch (const error& what) {
        sqlite3_reset(look_up_.get());
        const look_up_end how = who_is_to_blame(what) == blame::moment ? look_up_end::try_again : look_up_end::gone;
        result = {busy_.interrupted() ? look_up_end::interrupted : how,
                  reason_name(what) + ": the ledger in " + label_ + ": " + what.message};
    }
    file_.roll_back();
    return result;
}

void ledger_reader::interrupt() noexcept {
    busy_.interrupt();
    file_.interrupt();
}

}  // namespace penstock::detail::sqlite
