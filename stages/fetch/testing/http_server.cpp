#include <penstock/testing/http_server.hpp>
#include <stdexcept>

#include "http_loop.hpp"

namespace penstock::testing {

namespace {

http_handler checked(http_handler handler) {
    if (!handler) {
        throw std::invalid_argument("http_server: the handler is empty, nothing could answer");
    }
    return handler;
}

}  // namespace

http_server::http_server(http_handler handler)
    : loop_(std::make_unique<detail::http_loop>(checked(std::move(handler)))) {}

http_server::~http_server() = default;

std::uint16_t http_server::port() const noexcept { return loop_->port(); }

std::string http_server::url(std::string_view path) const {
    std::string url = "http://127.0.0.1:" + std::to_string(port());
    if (!path.starts_with('/')) {
        url += '/';
    }
    return url.append(path);
}

std::size_t http_server::requests() const noexcept { return loop_->observations().requests(); }

std::size_t http_server::requests(std::string_view target) const { return loop_->observations().requests(target); }

std::size_t http_server::connections() const noexcept { return loop_->observations().connections(); }

std::size_t http_server::open_connections() const noexcept { return loop_->observations().open_connections(); }

std::size_t http_server::peak_concurrent_requests() const noexcept {
    return loop_->observations().peak_concurrent_requests();
}

std::vector<http_request> http_server::log() const { return loop_->observations().log(); }

}  // namespace penstock::testing
