#!/bin/sh
# Builds the fuzzers and runs each: sh tests/fuzz/run.sh [seconds a fuzzer, default 600] [name ...]
# tests/fuzz/corpus/<name> holds seeds; what is found beside them, and inputs that crash, go to build/fuzz/found/<name>.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-600}
[ $# -eq 0 ] || shift
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
[ $# -gt 0 ] || set -- $(ls build/fuzz/tests/fuzz/*_fuzz | sed 's|.*/||; s|_fuzz$||')
for name in "$@"; do
  found=build/fuzz/found/$name
  mkdir -p "$found"
  echo "$name: $seconds s"
  "build/fuzz/tests/fuzz/${name}_fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=8192 \
    -print_final_stats=1 -verbosity=0 -artifact_prefix="$found/" "$found" "tests/fuzz/corpus/$name"
done
