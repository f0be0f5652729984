#include "postgresql_place.hpp"
#include "tests/ledger/schedules.hpp"

namespace penstock::testing {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(postgresql, ledger_schedules, postgresql_place);

}  // namespace
}  // namespace penstock::testing
