#pragma once

#include <string>
#include <utility>

#include "working_fetch.hpp"

namespace penstock::testing {

/// Fetches from a server that always answers so, and says how the item ended.
struct outcome_of {
    explicit outcome_of(http_response answer, fetch_options options = working_fetch::quick())
        : server([answer = std::move(answer)](const http_request&) { return answer; }),
          work(std::move(options)),
          item(work.get(server.url("/x"))) {}
    http_server server;
    working_fetch work;
    penstock::detail::slot& item;
};

inline http_response raw(std::string bytes, bool close = true) {
    http_response answer;
    answer.raw = std::move(bytes);
    answer.close_after = close;
    return answer;
}

}  // namespace penstock::testing
