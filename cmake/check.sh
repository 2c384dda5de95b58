#!/bin/sh
# sh cmake/check.sh [PRESET]: builds everything and runs the tests; the last line counts them.
set -eu

preset=${1:-release}
project=$(cd "$(dirname "$0")/.." && pwd)
sh "$project/cmake/build.sh" "$preset"

build=$project/build/$preset
report=$build/tests.xml
rm -f "$report"
progress=
[ ! -t 1 ] || progress=--progress
status=0
ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel "$(nproc)" $progress --output-junit "$report" || status=$?
[ -f "$report" ] || exit "$status"

# <testsuite ... tests="12" failures="0" disabled="0" skipped="1" ...>
count() { sed -n "s/^[[:space:]]*$1=\"\([0-9]*\)\".*/\1/p" "$report" | head -n 1; }
failed=$(count failures)
skipped=$(count skipped)
passed=$(($(count tests) - failed - skipped))
summary="$passed passed, $failed failed"
[ "$skipped" = 0 ] || summary="$summary, $skipped skipped"
echo "$summary"
exit "$status"
