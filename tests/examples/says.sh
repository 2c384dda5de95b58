#!/bin/sh
# sh says.sh SENTENCE... -- COMMAND...: the command must succeed and say every sentence. Its status 77 is a skipped
# test.
set -eu

sentences=
while [ "$1" != -- ]; do
  sentences="$sentences$1
"
  shift
done
shift
status=0
said=$("$@" 2>&1) || status=$?
printf '%s\n' "$said"
[ "$status" != 77 ] || exit 77
if [ "$status" != 0 ]; then
  echo "expected success, got status $status"
  exit 1
fi
printf '%s' "$sentences" | while read -r sentence; do
  case $said in
    *"$sentence"*) ;;
    *)
      echo "expected the sentence: $sentence"
      exit 1
      ;;
  esac
done
