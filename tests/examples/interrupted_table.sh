#!/bin/sh
# sh interrupted_table.sh TABULAR_SEARCH OPTION...: gets SIGINT in the middle of its run. It must end with status 130 and what it found.
set -eu

# A shell without job control starts what is in the background with SIGINT ignored.
env --default-signal=INT "$@" >interrupted_table 2>&1 &
program=$!
until grep -q "evaluation 12" interrupted_table; do
  if ! kill -0 "$program" 2>/dev/null; then break; fi
  sleep 0.01
done
kill -INT "$program" || true
status=0
wait "$program" || status=$?
cat interrupted_table
[ "$status" = 130 ] || { echo "expected status 130, got $status"; exit 1; }
