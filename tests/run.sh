#!/usr/bin/env bash
# Installs what is needed, builds, and runs every test. `tests/run.sh PRESET` for another preset than dev.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${1:-dev}

cmake/install_packages.sh
cmake --preset "$preset" --fresh >/dev/null
cmake --build --preset "$preset"
ctest --preset "$preset"
