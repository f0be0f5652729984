#include "penstock/stages/fetch/fetch_piece.hpp"

namespace penstock::detail {

namespace {

static_assert(sizeof(request) >= sizeof(std::string) && alignof(request) >= alignof(std::string));

class request_source final : public any_source {
public:
    explicit request_source(std::unique_ptr<any_source> urls)
        : any_source(urls->name(), value_type_of<request>), urls_(std::move(urls)) {}

    void open() override { urls_->open(); }

    bool next(void* room, const std::stop_token& stop) override {
        // The inner source makes its value in the same room, which is large enough for either.
        if (!urls_->next(room, stop)) return false;
        auto* const made = static_cast<std::string*>(room);
        std::string url = std::move(*made);
        std::destroy_at(made);
        std::construct_at(static_cast<request*>(room), request{.url = std::move(url)});
        return true;
    }

private:
    std::unique_ptr<any_source> urls_;
};

}  // namespace

std::unique_ptr<any_source> requests_of(std::unique_ptr<any_source> urls) {
    return std::make_unique<request_source>(std::move(urls));
}

}  // namespace penstock::detail
