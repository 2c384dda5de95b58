#!/bin/sh
# sh interrupt.sh PATTERN PROGRAM OPTION...: gets SIGINT as soon as it says the pattern, and must end with status 130. Prints what it said.
set -eu

pattern=$1
shift
said=$(mktemp)
# A shell without job control starts what is in the background with SIGINT ignored.
env --default-signal=INT "$@" >"$said" 2>&1 &
program=$!
until grep -q "$pattern" "$said"; do
  if ! kill -0 "$program" 2>/dev/null; then break; fi
  sleep 0.02
done
kill -INT "$program" || true
status=0
wait "$program" || status=$?
cat "$said"
rm "$said"
[ "$status" = 130 ] || { echo "expected status 130, got $status"; exit 1; }
