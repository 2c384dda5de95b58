#!/bin/sh
# sh bench/peers/evolution.sh [--repeats N] [--json FILE]: one genetic algorithm by gptnas, pagmo2 and DEAP, turn by
# turn on one core; prints evaluations a second, the ratios, and what they found. pagmo2 is the system's (Debian:
# libpagmo-dev), whose library was compiled for any machine; DEAP comes from PyPI into a virtual environment of its own,
# build/peers/evolution. openGA and paradiseo's EO are absent: no package of Debian 12 or of PyPI holds them (PyPI's
# openGA is another library, in Python).
set -eu

folder=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$folder/../.." && pwd)
programs=$project/build/release/bench
sh "$project/cmake/build.sh" release evolution_worker

# Not by CMake: pagmo2's package file would end the configuration of all where its Boost is incomplete.
compiler=${CXX:-g++}
if ! echo '#include <pagmo/config.hpp>' | "$compiler" -E -x c++ - >/dev/null 2>&1; then
  echo "gptnas: pagmo2 is missing; on Debian: apt-get install libpagmo-dev" >&2
  exit 1
fi
"$compiler" -std=c++20 -O3 -DNDEBUG -march=native -I"$project/include" "$folder/pagmo_worker.cpp" \
  -o "$programs/pagmo_worker" -lpagmo -lboost_serialization

venv=$project/build/peers/evolution
if [ ! -e "$venv/bin/python3" ] || ! "$venv/bin/python3" -c 'import deap' 2>/dev/null; then
  echo "gptnas: installing DEAP in $venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet deap
fi
exec "$venv/bin/python3" "$folder/evolution.py" --programs "$programs" "$@"
