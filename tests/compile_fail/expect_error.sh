#!/bin/sh
# expect_error.sh SOURCE COMPILER [FLAG...]: passes if the source does not compile and the compiler's first error says the expected
# sentence.
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
# An error goes on to the next one or to a note: clang repeats the condition, of several lines, before the sentence.
first=$(printf '%s\n' "$output" | awk '/ (error|note): / && found { exit } / error: / { found = 1 } found')
case $first in
  *"$expected"*) ;;
  *)
    printf '%s\n' "$output" "$source fails, but the compiler's first error does not say: $expected"
    exit 1
    ;;
esac
