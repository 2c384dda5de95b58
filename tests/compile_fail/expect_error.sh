#!/bin/sh
# expect_error.sh SOURCE COMPILER [FLAG...]: passes if the source does not compile and the compiler says the expected sentence.
set -eu

source=$1
shift
expected=$(sed -n 's|^// expect: ||p' "$source")
if [ -z "$expected" ]; then
  echo "$source has no line '// expect: SENTENCE'"
  exit 1
fi
if output=$("$@" "$source" 2>&1); then
  echo "$source compiles, but must fail with: $expected"
  exit 1
fi
case $output in
  *"$expected"*) ;;
  *)
    printf '%s\n' "$output" "$source fails, but the compiler does not say: $expected"
    exit 1
    ;;
esac
