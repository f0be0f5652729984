#include <exception>
#include <new>

#include "penstock/detail/callable_stage.hpp"
#include "penstock/detail/guarded.hpp"

namespace penstock::detail {

namespace {

/// The failure that the exception in flight stands for.
failure failure_in_flight() noexcept {
    failure why{error_kind::stage, {}};
    try {
        try {
            throw;
        } catch (const failure& own) {
            why = own;
        } catch (const std::bad_alloc&) {
            why.kind = error_kind::local_resource;
            why.reason = "out of memory";
        } catch (const std::exception& error) {
            why.reason = error.what();
        } catch (...) {
            why.reason = "the callable threw what is no std::exception";
        }
    } catch (...) {
        // Not even memory for the reason: the kind has to say it.
        why.kind = error_kind::local_resource;
    }
    return why;
}

}  // namespace

verdict apply_guarded(any_stage& stage, slot& item, unsigned worker) noexcept {
    failure why;
    try {
        const verdict said = stage.apply(item.value(), item.spare(), why, worker);
        if (said == verdict::pass) item.advance(stage.makes());
        if (said == verdict::fail) item.fail(stage.name(), std::move(why));
        return said;
    } catch (...) {
        item.fail(stage.name(), failure_in_flight());
        return verdict::fail;
    }
}

void call_guarded(slot& item, std::string_view stage, void (*call)(void* self, void* in), void* self) noexcept {
    try {
        call(self, item.value());
    } catch (...) {
        item.fail(stage, failure_in_flight());
    }
}

}  // namespace penstock::detail
