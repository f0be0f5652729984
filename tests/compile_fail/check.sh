#!/usr/bin/env bash
# Compiles FILE twice: as it is right (with -DRIGHT) it must compile without a warning; as it is wrong it must not, and
# the diagnostic must hold the sentence after "expect:" in FILE, name the line marked "here", and be at most 25 lines
# long.
set -euo pipefail
compiler=$1 include=$2 file=$3
# -fmax-errors and the rest are what keeps a diagnostic readable; users get the same sentence, first.
flags=(-std=c++20 -fsyntax-only -I"$include" -fdiagnostics-color=never)

if ! "$compiler" "${flags[@]}" -Werror -DRIGHT "$file"; then
    echo "$file does not compile as it is right" >&2
    exit 1
fi
if said=$("$compiler" "${flags[@]}" "$file" 2>&1); then
    echo "$file compiles, but must not" >&2
    exit 1
fi
sentence=$(sed -n 's#^// expect: ##p' "$file")
line=$(grep -n '// here' "$file" | cut -d: -f1)
echo "$said"
[ -n "$sentence" ]
grep -qF "$sentence" <<<"$said" || { echo "the diagnostic does not say: $sentence" >&2; exit 1; }
grep -qE "$(basename "$file"):$line[:,]" <<<"$said" || { echo "the diagnostic does not name line $line" >&2; exit 1; }
lines=$(wc -l <<<"$said")
[ "$lines" -le 25 ] || { echo "the diagnostic is $lines lines long" >&2; exit 1; }
