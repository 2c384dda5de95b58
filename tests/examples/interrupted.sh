#!/bin/sh
# sh interrupted.sh FOLDER PATTERN FASHION_MNIST OPTION...: gets SIGINT as soon as it says the pattern. It must end with status 130
# and have written the results so far over those of an earlier run.
set -eu

folder=$1 pattern=$2
shift 2
rm -rf "$folder"
mkdir -p "$folder/out"
cd "$folder"
for name in result.json best.dot history.csv; do echo "of an earlier run" >out/$name; done

# A shell without job control starts what is in the background with SIGINT ignored.
env --default-signal=INT "$@" --output out >said 2>&1 &
program=$!
until grep -q "$pattern" said; do
  if ! kill -0 "$program" 2>/dev/null; then break; fi
  sleep 0.05
done
kill -INT "$program" || true
status=0
wait "$program" || status=$?
cat said

wrong() {
  echo "expected $1"
  exit 1
}
[ "$status" = 130 ] || wrong "status 130, got $status"
grep -q "interrupted; the results so far are in out" said || wrong "a sentence about the results"
[ "$(ls out | tr '\n' ' ')" = "best.dot history.csv result.json " ] || wrong "three files, found $(ls out)"
! grep -rq "of an earlier run" out || wrong "nothing of an earlier run"
grep -q '"test_accuracy": null' out/result.json || wrong "no test accuracy"
grep -q '^digraph' out/best.dot || wrong "a graph"
grep -q '^0,0,measured,' out/history.csv || wrong "a history"
case $pattern in
  evaluation*) ! grep -q "Final training" said || wrong "no final training" ;;
esac
