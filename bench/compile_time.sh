#!/bin/sh
# sh bench/compile_time.sh [compiler]: seconds that the compilation of compile_time.cpp at -O2 takes (processor time,
# the median of five), in turn with our search of a toy function and with first programs of the peers that are
# installed; and the size of the program.
set -eu

compiler=${1:-g++}
case $compiler in [!/]*/*) compiler=$PWD/$compiler ;; esac
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

compile() { "$compiler" -std=c++20 -O2 -I../include "$@"; }

sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1
echo "$compiler $("$compiler" -dumpfullversion), -O2, seconds:"
# openGA, paradiseo and ensmallen are in no package of Debian 12. pagmo2 is a compiled library: here is what its headers cost.
while read -r name arguments; do
  if compile -M $arguments >/dev/null 2>&1; then
    echo "$name $arguments" >>"$work"/programs
  else
    echo "$name is left out: a header is missing"
  fi
done <<END
gptnas compile_time.cpp
gptnas-toy peers/evolution_worker.cpp
pagmo2 peers/pagmo_hello.cpp
pagmo2-all-headers -include pagmo/pagmo.hpp -I/usr/include/eigen3 peers/pagmo_hello.cpp
END

for repetition in 1 2 3 4 5; do
  while read -r name arguments; do
    (
      compile $arguments -c -o "$work"/program
      times
    ) >"$work"/times
    sed -n '2s/[ms]/ /gp' "$work"/times |  # minutes and seconds of the program, then of the system
      awk '{print 60 * $1 + $2 + 60 * $3 + $4}' >>"$work"/"$name".seconds
  done <"$work"/programs
done
while read -r name arguments; do
  echo "$name $(sort -n "$work"/"$name".seconds | sed -n 3p)"
done <"$work"/programs | awk 'NR == 1 {ours = $2} {printf "%-18s %5.2f, %.2f of the first\n", $1, $2, $2 / ours}'

compile -s compile_time.cpp -o "$work"/program
echo "bytes of the stripped program: $(wc -c <"$work"/program)"
