#pragma once

#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>

#include "choices.hpp"
#include "penstock/detail/any_source.hpp"
#include "penstock/detail/any_stage.hpp"
#include "penstock/page.hpp"
#include "penstock/request.hpp"
#include "scripted_connection.hpp"
#include "witness.hpp"

namespace penstock::testing {

/// Gives requests of a few hosts until a number is reached, or throws instead.
class scripted_source final : public detail::any_source {
public:
    scripted_source(choices& script, witness& seen, std::size_t items, unsigned hosts, bool trouble)
        : any_source("scripted", detail::value_type_of<request>),
          script_(script),
          seen_(seen),
          items_(items),
          hosts_(hosts),
          trouble_(trouble) {}

    bool threw() const noexcept { return threw_; }

    bool next(void* room, const std::stop_token&) override {
        if (seen_.taken() >= items_) return false;
        if (trouble_ && script_.one_in(64)) {
            threw_ = true;
            if (script_.one_in(2)) throw 1;
            throw std::runtime_error("scripted: the source is gone");
        }
        const std::uint64_t item = seen_.taken();
        std::construct_at(static_cast<request*>(room), request{url_of(item)});
        seen_.given();
        seen_[item].admitted = std::chrono::steady_clock::now();
        return true;
    }

private:
    std::string url_of(std::uint64_t item) {
        const unsigned host = script_.below(hosts_ + 1);
        // The last is none, but for one in eight: some URLs are bad.
        if (host == hosts_ && script_.one_in(8)) return "gopher://h/" + std::to_string(item);
        if (host == 1) return "http://127.0.0.1/" + std::to_string(item);
        return "http://h" + std::to_string(host % hosts_) + "/" + std::to_string(item);
    }

    choices& script_;
    witness& seen_;
    std::size_t items_;
    unsigned hosts_;
    bool trouble_;
    bool threw_ = false;
};

/// A stage whose callable passes, drops, fails or throws as it is told.
class scripted_stage : public detail::any_stage {
protected:
    scripted_stage(const char* name, const detail::value_type& makes, choices& script, witness& seen,
                   std::function<void()> meanwhile, bool trouble)
        : any_stage(name, mode::parallel, makes),
          seen_(seen),
          script_(script),
          meanwhile_(std::move(meanwhile)),
          trouble_(trouble) {}

    detail::verdict decide(std::uint64_t item, failure& why) {
        meanwhile_();
        sighting& one = seen_[item];
        one.said = sighting::verdict::failed;
        switch (trouble_ ? script_.below(24) : 0) {
            case 18: throw std::runtime_error("scripted");
            case 19: throw 1;
            case 20: throw std::bad_alloc();
            case 21: throw failure{error_kind::parse, "scripted"};
            case 22: why = {error_kind::stage, "scripted"}; return detail::verdict::fail;
            case 23: one.said = sighting::verdict::dropped; return detail::verdict::drop;
            default: one.said = sighting::verdict::passed; return detail::verdict::pass;
        }
    }

    witness& seen_;
    choices& script_;

private:
    std::function<void()> meanwhile_;
    bool trouble_;
};

/// Looks whether a page is what was sent, and makes the item's number of it.
class scripted_parse final : public scripted_stage {
public:
    scripted_parse(choices& script, witness& seen, std::function<void()> meanwhile, bool trouble)
        : scripted_stage("parse", detail::value_type_of<std::uint64_t>, script, seen, std::move(meanwhile), trouble) {}

    /// The page of an item; at least its text, if that is longer.
    static std::string body_of(std::uint64_t item, std::size_t size) {
        std::string body = "page " + std::to_string(item) + '.';
        if (body.size() < size) body.resize(size, static_cast<char>('a' + item % 26));
        return body;
    }

    detail::verdict apply(void* in, void* out, failure& why, unsigned) override {
        const page& from = *static_cast<const page*>(in);
        const std::uint64_t item = number_in(std::string(from.url()));
        sighting& one = seen_[item];
        seen_.expect(from.status() == 204 || from.body() == body_of(item, one.body_size), "a page that is not whole",
                     item);
        seen_.expect(one.whole, "a page that was not sent", item);
        seen_.expect(one.open && !one.parsed, "a page that comes twice", item);
        one.parsed = true;
        const detail::verdict said = decide(item, why);
        if (said == detail::verdict::pass) std::construct_at(static_cast<std::uint64_t*>(out), item);
        return said;
    }

    static std::uint64_t number_in(const std::string& url) { return std::stoull(url.substr(url.rfind('/') + 1)); }
};

/// Makes rows of an item's number.
class scripted_encode final : public scripted_stage {
public:
    scripted_encode(choices& script, witness& seen, std::function<void()> meanwhile, bool trouble)
        : scripted_stage("store", detail::value_type_of<detail::encoded_rows>, script, seen, std::move(meanwhile),
                         trouble) {}

    detail::verdict apply(void* in, void* out, failure& why, unsigned) override {
        const std::uint64_t item = *static_cast<const std::uint64_t*>(in);
        const detail::verdict said = decide(item, why);
        if (said == detail::verdict::pass) {
            const unsigned rows[] = {1, 2, 0, 3, 1, 7};
            seen_[item].rows = script_.pick(rows);
            std::construct_at(static_cast<detail::encoded_rows*>(out),
                              scripted_connection::encode(item, seen_[item].rows));
        }
        return said;
    }
};

}  // namespace penstock::testing
