#!/bin/sh
# sh interrupted.sh FOLDER PATTERN FASHION_MNIST OPTION...: gets SIGINT as soon as it says the pattern. It must end with status 130
# and have written the results so far over those of an earlier run.
set -eu

here=$(cd "$(dirname "$0")" && pwd) folder=$1 pattern=$2
shift 2
rm -rf "$folder"
mkdir -p "$folder/out"
cd "$folder"
for name in result.json best.dot history.csv; do echo "of an earlier run" >out/$name; done

sh "$here/interrupt.sh" "$pattern" "$@" --output out >said || { cat said; exit 1; }
cat said

wrong() {
  echo "expected $1"
  exit 1
}
grep -q "interrupted; the results so far are in out" said || wrong "a sentence about the results"
[ "$(ls out | tr '\n' ' ')" = "best.dot history.csv result.json " ] || wrong "three files, found $(ls out)"
! grep -rq "of an earlier run" out || wrong "nothing of an earlier run"
grep -q '"test_accuracy": null' out/result.json || wrong "no test accuracy"
grep -q '^digraph' out/best.dot || wrong "a graph"
grep -q '^0,0,measured,' out/history.csv || wrong "a history"
case $pattern in
  evaluation*) ! grep -q "Final training" said || wrong "no final training" ;;
esac
