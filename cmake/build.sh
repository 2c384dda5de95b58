#!/bin/sh
# sh cmake/build.sh PRESET [TARGET]: dependencies, configure, build into build/PRESET. Honours CXX.
set -eu

preset=$1
cd "$(dirname "$0")/.."
sh cmake/dependencies.sh

# A folder that another compiler was configured in starts afresh.
build=build/$preset
configured=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt" 2>/dev/null) || true
wanted=$(command -v "${CXX:-$configured}") || true
fresh=--fresh
if [ -n "$wanted" ] && [ "$(command -v "$configured")" = "$wanted" ]; then fresh=; fi

mkdir -p "$build"
if ! cmake $fresh --preset "$preset" >"$build/configure.log" 2>&1; then
  cat "$build/configure.log" >&2
  exit 1
fi

# A terminal gets Ninja's progress in one line, a log only what the compiler has to say.
echo "gptnas: building ${2:-everything} with the preset $preset"
quiet=
[ -t 1 ] || quiet='-- --quiet'
cmake --build --preset "$preset" ${2:+--target "$2"} --parallel "$(nproc)" $quiet
