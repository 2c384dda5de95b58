#!/bin/sh
# sh cmake/gpu_check.sh [DEPENDENCIES]: on a machine with a GPU, builds the GPU's tests and benchmarks for it, runs them,
# the operations also under compute-sanitizer, and prints one table; eight minutes at most, without network.
# DEPENDENCIES is a prefix that CMake looks into: Eigen, Boost's headers, GoogleTest, Google Benchmark; docs/gpu.md tells
# how to make one.
set -u

dependencies=
[ $# = 0 ] || dependencies=$(cd "$1" && pwd) || exit 1
PATH=$PATH:/usr/local/cuda/bin  # where CUDA's own installer puts nvcc and compute-sanitizer
project=$(cd "$(dirname "$0")/.." && pwd)
build=$project/build/gpu
logs=$build/logs
mkdir -p "$logs"

if ! card=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -n 1) || [ -z "$card" ]; then
  echo "gptnas: nvidia-smi names no GPU here" >&2
  exit 1
fi

# step NAME LIMIT COMMAND...: one line of the table, the output in a log. A test or benchmark that is skipped has not
# passed: there is a GPU here.
# "52 tests PASSED, 2 tests FAILED": what GoogleTest says at its end.
tests_of() { sed -nE 's/^\[  (PASSED|SKIPPED|FAILED) *\] ([0-9]+ tests?)[.,].*/\2 \1/p' "$1" | paste -s -d , | sed 's/,/, /g'; }
failed=0
table=$logs/table
: >"$table"
step() {
  name=$1 limit=$2
  shift 2
  begin=$(date +%s)
  timeout --kill-after=5 "$limit" "$@" >"$logs/$name.log" 2>&1
  status=$?
  [ $status != 0 ] || ! grep -qE '^\[  SKIPPED |ERROR OCCURRED' "$logs/$name.log" || status=skipped
  seconds=$(($(date +%s) - begin))
  case $status in
    0) result=passed ;;
    skipped) result="skipped" ;;
    124 | 137) result="stopped after $limit s" ;;
    127) result="not found" ;;
    *) result="failed ($status)" ;;
  esac
  if [ $status != 0 ]; then
    failed=1
    echo "--- $name: $result" >&2
    tail -n 40 "$logs/$name.log" >&2
  fi
  printf '%-12s %-24s %5s s  %s\n' "$name" "$result" "$seconds" "$(tests_of "$logs/$name.log")" >>"$table"
  [ $status = 0 ]
}

tests=$build/tests/gptnas_gpu_tests
sanitize() { step "$1" "$2" compute-sanitizer --tool "$1" --error-exitcode 3 "$tests" --gtest_brief=1 --gtest_filter='CublasBackend*:CublasDraw*'; }

if step configure 35 cmake -S "$project" -B "$build" -DCMAKE_BUILD_TYPE=Release -DGPTNAS_NATIVE=ON \
    -DGPTNAS_CUDA=REQUIRED -DCMAKE_CUDA_ARCHITECTURES=native -DGPTNAS_BUILD_EXAMPLES=OFF \
    "-DCMAKE_PREFIX_PATH=$dependencies" &&
  step build 170 cmake --build "$build" --parallel "$(nproc)" --target gptnas_gpu_tests gpt_gpu_bench gpt_gpu_worker; then
  step tests 50 "$tests" --gtest_brief=1
  sanitize memcheck 60
  sanitize racecheck 120
  step bench 45 "$build/bench/gpt_gpu_bench" --benchmark_min_time=0.5
  grep -E '^(training_step|sampling)' "$logs/bench.log" >>"$table"
fi

echo "$card"
cat "$table"
exit $failed
