#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "penstock/detail/letter_turns.hpp"
#include "penstock/failure.hpp"
#include "penstock/outcome.hpp"

namespace penstock {

/// The record of an item that did not make it: what it was, where it failed and why, and enough to try it again.
struct dead_letter {
    std::uint64_t item = 0;       ///< The item's ordinal in the run; 0 is the first that the source gave.
    std::string origin;           ///< What the source gave: the URL, the line, the number. Empty if it has no text.
    std::string tag;              ///< The request's tag; empty if there is none.
    std::string key;              ///< The request's own `key`; empty if it has none.
    std::string method;           ///< Empty for GET, and if it was no request; "(none)" if it was no method.
    std::string idempotency_key;  ///< The request's own; empty if it has none, or its body is confidential.
    std::string proxy_key;        ///< What it shares a proxy with; empty for its origin.
    std::string target;           ///< What the breaker takes it for; empty for its origin.
    std::string body;             ///< What the request would have sent; headers and authorization are not kept.
    std::string content_type;     ///< What it is.
    bool body_withheld = false;   ///< There was a body, a confidential one: this letter cannot be replayed.
    std::string stage;            ///< The stage that gave the item up.
    outcome how = outcome::dead;  ///< `dead`, or `in_doubt` if the rows may be in the database all the same.
    error_kind kind = error_kind::other;
    std::string reason;             ///< One line for a person.
    unsigned attempts = 1;          ///< How many times the request was sent; 0 if it never was.
    int status = 0;                 ///< The HTTP status of the last answer; 0 if there was none.
    bool connection_reset = false;  ///< The peer broke the last attempt's connection off (RST).
    std::string proxy;              ///< The proxy of the last attempt, without login; empty if there was none.

    friend bool operator==(const dead_letter&, const dead_letter&) = default;
};

/// Where dead letters go: a callable, or what `ndjson` makes. An empty one counts the letters and keeps none.
///
/// Letters come one at a time, but from several threads in turn. A callable that blocks holds up the run; one that
/// throws ends it with `run_failed` after what is in flight has settled, for a letter must not be lost silently.
///
/// Copies share the callable or the file, and may serve several runs at once: their letters, too, come one at a time.
/// If the callable itself runs a pipeline whose letters go to it, on the thread that it was called on, these and those
/// of other runs come while it waits for that run.
class dead_letter_sink {
public:
    /// What a sink is made of. `open` is called once before each run takes its first item; if it returned, `close` is
    /// called once after the last letter, also after a failure. Whatever `write` or `close` throws fails the run; what
    /// `open` throws stops it before it begins, as `preflight_failed` unless it is `bad_option` or `std::bad_alloc`.
    /// `open` and `close` are called on the thread that called `run`. A writer that several runs have at once is called
    /// by all of them at the same time, and sees to it itself that this does no harm.
    class writer {
    public:
        virtual ~writer() = default;
        virtual void open() {}
        virtual void write(const dead_letter& letter) = 0;
        virtual void close() {}
    };

    dead_letter_sink() = default;
    explicit dead_letter_sink(std::shared_ptr<writer> to) : to_(std::move(to)) {}

    template <std::invocable<const dead_letter&> Callable>
    requires(!std::same_as<std::remove_cvref_t<Callable>, dead_letter_sink>) dead_letter_sink(Callable&& callable)
        : to_(std::make_shared<calling<std::decay_t<Callable>>>(std::forward<Callable>(callable))) {}

    /// The writer; null for an empty sink.
    writer* target() const noexcept { return to_.get(); }

private:
    template <class Callable>
    class calling final : public writer {
    public:
        template <class Argument>
        explicit calling(Argument&& callable) : callable_(std::forward<Argument>(callable)) {}
        void open() override { turns_.run_begins(); }
        void write(const dead_letter& letter) override {
            const detail::letter_turns::turn own(turns_);
            std::invoke(callable_, letter);
        }
        void close() override { turns_.run_ends(); }

    private:
        Callable callable_;
        detail::letter_turns turns_;
    };

    std::shared_ptr<writer> to_;
};

/// Appends dead letters to a file, one JSON object a line, each in one write. The file is made if there is none, with
/// mode 0600: letters hold what the source gave. A file that cannot be opened, or a pipe that nobody reads, stops the
/// run before it takes anything. A write that fails may leave half a line; the next letter, of this run or a later one,
/// begins a line of its own. Runs at the same time share one opening, from the first one's start to the last one's end.
dead_letter_sink ndjson(std::filesystem::path file);

}  // namespace penstock
