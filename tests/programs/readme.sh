#!/usr/bin/env bash
# The README's first program compiles as it stands there.
set -euo pipefail
compiler=$1 root=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed -n '/^```cpp$/,/^```$/{/^```/d;p}' "$root/README.md" >"$work/first_program.cpp"
grep -q 'int main' "$work/first_program.cpp"
"$compiler" -std=c++20 -Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only -I"$root/include" "$work/first_program.cpp"
