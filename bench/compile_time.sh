#!/bin/sh
# sh bench/compile_time.sh [compiler]: seconds that the compilation of bench/compile_time.cpp at -O2 takes (processor time,
# the median of five), and the size of the program.
set -eu

compiler=${1:-g++}
folder=$(dirname "$0")
program=$(mktemp)
trap 'rm -f "$program" "$program".time' EXIT
echo "$compiler $("$compiler" -dumpfullversion), -O2, seconds:"
for repetition in 1 2 3 4 5; do
  (
    "$compiler" -std=c++20 -O2 -I"$folder"/../include "$folder"/compile_time.cpp -c -o "$program"
    times
  ) | sed -n '2s/[ms]/ /gp'  # minutes and seconds of the program, then of the system
done | awk '{print 60 * $1 + $2 + 60 * $3 + $4}' | sort -n | sed -n 3p
"$compiler" -std=c++20 -O2 -s -I"$folder"/../include "$folder"/compile_time.cpp -o "$program"
echo "bytes of the stripped program: $(wc -c <"$program")"
