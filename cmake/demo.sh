#!/bin/sh
# sh cmake/demo.sh [OPTION...]: builds examples/fashion_mnist.cpp and searches a network for Fashion-MNIST.
# Options go to the program (--help lists them); the results go to build/demo unless --output says otherwise.
set -eu

project=$(cd "$(dirname "$0")/.." && pwd)
sh "$project/cmake/build.sh" release fashion_mnist

case " $* " in
  *' --output'[\ =]*) ;;
  *) set -- --output "$project/build/demo" "$@" ;;
esac
exec "$project/build/release/examples/fashion_mnist" "$@"
