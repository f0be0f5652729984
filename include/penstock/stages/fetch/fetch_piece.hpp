#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "penstock/detail/blueprint.hpp"
#include "penstock/page.hpp"
#include "penstock/request.hpp"
#include "penstock/source.hpp"
#include "penstock/stages/fetch/fetch_options.hpp"

namespace penstock::detail {

/// Makes a source of URLs one of requests.
std::unique_ptr<any_source> requests_of(std::unique_ptr<any_source> urls);

/// `fetch(...)` before it is joined.
struct fetch_piece {
    fetch_options options;
    std::shared_ptr<session> keeps = nullptr;  ///< A client's, if it fetches for one.

    template <class In>
    static constexpr bool takes = std::is_same_v<In, std::string> || std::is_same_v<In, request>;

    template <class In, head Head>
    struct checked {
        static_assert(
            std::is_same_v<In, refused> || Head == head::bare,
            "penstock: fetch stands once, right behind its source: only stages that work on pages or rows can "
            "come before or after it; make the requests in the source, with generate(...) or from(...)");
        static_assert(std::is_same_v<In, refused> || Head != head::bare || takes<In>,
                      "penstock: wrong joint: fetch takes requests or URLs as std::string; make the source give "
                      "penstock::request");
        using type = std::conditional_t<takes<In> && Head == head::bare, page, refused>;
    };
    template <class In, head Head>
    using output = typename checked<In, Head>::type;

    template <class In>
    void join(blueprint& plan) && {
        if constexpr (std::is_same_v<In, std::string>) plan.source = requests_of(std::move(plan.source));
        if constexpr (takes<In>) plan.feed = make_fetch(std::move(options), std::move(keeps));
    }
};

}  // namespace penstock::detail
