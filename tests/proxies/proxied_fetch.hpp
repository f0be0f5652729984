#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "faulty_proxy.hpp"
#include "tests/fetch/working_fetch.hpp"

namespace penstock::testing {

inline fetch_options through(std::vector<proxy> proxies) {
    fetch_options options = working_fetch::quick();
    options.proxies = std::move(proxies);
    options.proxying.tunnel = true;
    return options;
}

inline http_server plain_server() {
    return http_server([](const http_request& asked) { return text(asked.target); });
}

/// The row of figures of a proxy.
inline const penstock::detail::proxy_metrics::row& figures_of(working_fetch& work, std::size_t number = 0) {
    return (*work.run.metrics().proxies.rows())[number];
}

}  // namespace penstock::testing
