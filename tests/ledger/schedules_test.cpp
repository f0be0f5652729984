#include "schedules.hpp"

#include "sqlite_place.hpp"

namespace penstock::testing {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(sqlite, ledger_schedules, sqlite_place);

}  // namespace
}  // namespace penstock::testing
