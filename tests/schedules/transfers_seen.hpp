#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "choices.hpp"
#include "clocks_seen.hpp"
#include "penstock/stages/fetch/fetch_options.hpp"
#include "scripted_curl.hpp"
#include "witness.hpp"

namespace penstock::testing {

/// The servers of a schedule: chooses their answers, and holds fetch to its limits as they would see them.
class transfers_seen {
public:
    /// What fetch may have under way at once.
    struct limits {
        std::size_t under_way;
        unsigned per_host;
        std::size_t resolving;
    };
    transfers_seen(choices& script, witness& seen, scripted_curl& curl, const fetch_options& options, limits most,
                   const clocks_seen& clocks, std::span<const std::size_t> sizes, bool trouble);

    /// Chooses what becomes of an attempt, if that is not decided yet, and lets it go on.
    void go_on(curl_easy& one, bool kindly);

    /// True if a redirect has led there.
    static bool is_hop(const curl_easy& one);

    /// From here on no attempt may begin.
    void stop() noexcept { stopped_ = true; }

    /// When nobody can move but by the clock: no item may lie idle in fetch.
    void expect_nobody_idle();

private:
    struct host {
        unsigned under_way = 0;
        bool known = false;
        std::chrono::steady_clock::time_point not_before{};  ///< The server asked to be left alone until then.
        std::chrono::steady_clock::time_point not_after{};   ///< It is left alone no longer.
        std::uint64_t first_behind = 0;  ///< No item before this may be sent here for the first time.
    };

    void added(curl_easy& one);
    void removed(curl_easy& one);
    void begun(const curl_easy& one, std::uint64_t item);
    void paused(const curl_easy& one, host& at, std::chrono::nanoseconds half);
    bool pauses(std::uint64_t item) const;
    void look_at_limits();
    answer choose(const curl_easy& one);
    answer choose_status(std::uint64_t item);
    answer choose_failure(std::uint64_t item);
    answer choose_redirect(const curl_easy& one, std::uint64_t item);
    answer choose_page(std::uint64_t item);
    static answer whole_page(std::uint64_t item, std::size_t size = 0);

    choices& script_;
    witness& seen_;
    scripted_curl& curl_;
    const fetch_options& options_;
    const limits most_;
    const clocks_seen& clocks_;
    const std::span<const std::size_t> sizes_;  ///< That bodies have.
    const bool trouble_;                        ///< False: every answer is a page.
    bool stopped_ = false;
    std::map<std::string, host> hosts_;
    std::map<std::uint64_t, std::string> home_;  ///< Where an item's attempts begin.
};

}  // namespace penstock::testing
