#!/bin/sh
# sh bench/peers/search.sh [--data FOLDER] [--json FILE]: searches of NAS-Bench-201 by Optuna and by gptnas; prints how
# many queries each needs for the best cell. Optuna, and the PyTorch that its Gaussian process needs, come from PyPI into
# a virtual environment of their own, build/peers/search.
set -eu

folder=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$folder/../.." && pwd)
sh "$project/cmake/build.sh" release query_efficiency

venv=$project/build/peers/search
if [ ! -e "$venv/bin/python3" ] || ! "$venv/bin/python3" -c 'import optuna, scipy, torch' 2>/dev/null; then
  echo "gptnas: installing Optuna in $venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet 'optuna>=5' scipy torch
fi
exec "$venv/bin/python3" "$folder/search.py" --data "$project/../shared/data" \
  --program "$project/build/release/examples/query_efficiency" "$@"
