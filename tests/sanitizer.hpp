#pragma once

namespace penstock::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PENSTOCK_SANITIZER 1
#elif defined(__has_feature)
#define PENSTOCK_SANITIZER (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define PENSTOCK_SANITIZER 0
#endif

/// True under a sanitizer with a malloc of its own, which keeps what was freed; it also makes everything slower.
inline constexpr bool is_sanitized = PENSTOCK_SANITIZER;

#undef PENSTOCK_SANITIZER

}  // namespace penstock::testing
