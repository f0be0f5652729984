#include "penstock/testing/pages.hpp"

#include <cstddef>
#include <memory>
#include <utility>

namespace penstock::testing {

namespace {

class page_source final : public penstock::detail::any_source {
public:
    explicit page_source(std::vector<std::string> bodies)
        : any_source("pages", penstock::detail::value_type_of<page>), bodies_(std::move(bodies)) {}

    void open() override { next_ = 0; }

    bool next(void* room, const std::stop_token&) override {
        if (next_ == bodies_.size()) return false;
        std::construct_at(static_cast<page*>(room), "test://page/" + std::to_string(next_), bodies_[next_]);
        ++next_;
        return true;
    }

private:
    std::vector<std::string> bodies_;
    std::size_t next_ = 0;
};

}  // namespace

bare_source<page> pages(std::vector<std::string> bodies) {
    penstock::detail::blueprint plan;
    plan.source = std::make_unique<page_source>(std::move(bodies));
    return bare_source<page>(std::move(plan));
}

}  // namespace penstock::testing
