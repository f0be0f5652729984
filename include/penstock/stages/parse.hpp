#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "penstock/page.hpp"
#include "penstock/stage.hpp"
#include "penstock/stages/parse/json_rows.hpp"

namespace penstock {

namespace detail {

/// What a row reader is given: objects if it takes them, else any value.
template <class Reader>
inline constexpr bool reads_objects = std::is_invocable_v<const Reader&, simdjson::ondemand::object>;
template <class Reader>
inline constexpr bool reads_values = std::is_invocable_v<const Reader&, simdjson::ondemand::value>;

template <class Reader>
using json_argument = std::conditional_t<reads_objects<Reader>, simdjson::ondemand::object, simdjson::ondemand::value>;

template <class Reader>
using row_read_by = made_by_t<std::invoke_result_t<const Reader&, json_argument<Reader>>>;

/// Reads the rows of a JSON page. Each worker has a parser of its own, made when it first reads.
template <class Reader>
class json_stage final : public any_stage {
public:
    using row = row_read_by<Reader>;

    json_stage(json_pointer pointer, Reader reader)
        : any_stage("parse", mode::parallel, value_type_of<std::vector<row>>),
          pointer_(std::move(pointer)),
          reader_(std::move(reader)) {}

    void open(unsigned workers) override {
        desks_.clear();
        desks_.resize(workers);
    }

    verdict apply(void* in, void* out, failure& why, unsigned worker) override {
        std::vector<row> rows;
        if (!read(*static_cast<const page*>(in), rows, why, worker)) return verdict::fail;
        return keep(out, std::move(rows));
    }

    /// Reads one page. False with a failure if it cannot be read; throws what the reader throws.
    bool read(const page& from, std::vector<row>& rows, failure& why, unsigned worker) {
        desk& own = desks_[worker];
        // A parser that failed half-way, or whose reader did, is not trusted with another page.
        std::unique_ptr<simdjson::ondemand::parser> parser = std::move(own.parser);
        if (!parser) parser = std::make_unique<simdjson::ondemand::parser>();
        rows.reserve(own.last_rows);
        json_reading reading(*parser, from, pointer_);
        try {
            const bool read = reading.each([&](simdjson::ondemand::value value) {
                if constexpr (reads_objects<Reader>) {
                    return take(rows, std::invoke(reader_, simdjson::ondemand::object(value.get_object())), why);
                } else {
                    return take(rows, std::invoke(reader_, value), why);
                }
            });
            if (!read) return false;
        } catch (const simdjson::simdjson_error& error) {
            why = reading.explain(error.error());
            return false;
        }
        own.parser = std::move(parser);
        own.last_rows = std::min(rows.size(), most_expected);
        return true;
    }

private:
    /// What one worker works with. Pages of one kind have about as many rows each, so the last one's number is the
    /// best guess for the next; one huge page is not to make all later ones dear.
    struct alignas(128) desk {
        std::unique_ptr<simdjson::ondemand::parser> parser;
        std::size_t last_rows = 0;
    };
    static constexpr std::size_t most_expected = 1000;

    /// Adds what a reader returned. False if it is a failure of the item's.
    template <class Returned>
    static bool take(std::vector<row>& rows, Returned&& returned, failure& why) {
        if constexpr (std::same_as<std::remove_cvref_t<Returned>, row>) {
            rows.push_back(std::forward<Returned>(returned));
        } else if constexpr (std::same_as<std::remove_cvref_t<Returned>, std::optional<row>>) {
            if (returned.has_value()) rows.push_back(*std::forward<Returned>(returned));
        } else {
            if (returned.has_failed()) {
                why = std::move(returned.why());
                return false;
            }
            if (returned.has_value()) rows.push_back(std::forward<Returned>(returned).value());
        }
        return true;
    }

    json_pointer pointer_;
    Reader reader_;
    std::vector<desk> desks_;
};

/// `parse(pointer, reader)` before it is joined.
template <class Reader>
struct json_piece {
    json_pointer pointer;
    Reader reader;

    template <class In>
    static constexpr bool takes = std::is_same_v<In, page> || std::is_same_v<In, refused>;

    template <class In, head>
    struct checked {
        static_assert(takes<In>,
                      "penstock: wrong joint: parse reads pages; put fetch(...) before it, or use a stage of your own");
        using type = std::conditional_t<std::is_same_v<In, page>, std::vector<row_read_by<Reader>>, refused>;
    };
    template <class In, head Head>
    using output = typename checked<In, Head>::type;

    template <class In>
    void join(blueprint& plan) && {
        if constexpr (std::is_same_v<In, page>) {
            plan.stages.push_back(std::make_unique<json_stage<Reader>>(std::move(pointer), std::move(reader)));
        }
    }
};

}  // namespace detail

/// Reads the JSON of each page into rows: the value at the pointer (RFC 6901; "" is the whole document) is an object,
/// which makes one row, or an array, which makes a row of each element.
///
///   in → out   page → std::vector<row>
///   mode       parallel; the reader is called as const from several threads
///   threads    TBB's; a parser for each worker
///   bound      none of its own
///   fails      item: parse (not JSON, cut off, text behind its end, no such pointer, a wrong type in a row, with the
///              row and the byte), or whatever the reader returned or threw    run: never
///   owns       the rows; the page is let go when they are there
///
/// The reader takes an `ondemand::object` (or an `ondemand::value`, for arrays of other things) and returns a row, an
/// `std::optional` of it (nothing: no row), or a `result`. What it keeps must be copied: the page ends with the call.
///
/// A reader may look at error codes instead of letting them throw: a field that is missing or of another type is its
/// own affair. Where the text itself is malformed or cut off, the page fails, whatever the reader returned.
///
/// A page's rows go on together, after its document was followed to its end, or not at all. The text is checked to be
/// UTF-8 and to have as many closing brackets as opening ones; which kind closes which is seen only where somebody
/// reads. Of a value that nobody reads, simdjson's On Demand checks no more than that.
///
/// Throws `bad_option` if the pointer is not one.
template <class Reader>
requires(detail::reads_objects<std::decay_t<Reader>> || detail::reads_values<std::decay_t<Reader>>) auto parse(
    std::string_view pointer, Reader&& reader) {
    using piece = detail::json_piece<std::decay_t<Reader>>;
    return stage<piece>(std::tuple<piece>{piece{detail::json_pointer(pointer), std::forward<Reader>(reader)}});
}

/// Makes what the callable returns of each page, in parallel, as a stage named "parse": a row, rows, or anything else
/// that the next piece takes. The page is the callable's to keep or to take apart.
template <class Callable>
requires(std::is_invocable_v<const std::decay_t<Callable>&, page>) auto parse(Callable&& callable) {
    return parallel("parse", std::forward<Callable>(callable));
}

}  // namespace penstock
