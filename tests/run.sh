#!/usr/bin/env bash
# Installs what is needed, builds, and runs every test. `tests/run.sh PRESET` for another preset than dev.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${1:-dev}

cmake/install_packages.sh
cmake --preset "$preset" --fresh >/dev/null
cmake --build --preset "$preset"
said=build/$preset/Testing/said.log
mkdir -p "${said%/*}"
if ! ctest --preset "$preset" | tee "$said"; then
    # Once more what failed, and the summary below it: a log that is kept is often only the end of one.
    awk '/^[0-9]+\/[0-9]+ Testing: / { text = "" }
         { text = text $0 "\n" }
         /^Test Failed/ { printf "\n%s", text }' "build/$preset/Testing/Temporary/LastTest.log" | tail -n 60
    sed -n '/% tests passed, /,$p' "$said"
    exit 1
fi
