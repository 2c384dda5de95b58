#!/bin/sh
# sh bench/peers/gpt.sh [--repeats N] [--json FILE]: PyTorch and gptnas at the same GPT, turn by turn; prints the ratios.
# PyTorch comes from PyPI into a virtual environment of its own, build/peers/venv.
set -eu

folder=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$folder/../.." && pwd)
for program in gpt_worker roofline; do sh "$project/cmake/build.sh" release $program; done

venv=$project/build/peers/venv
if [ ! -e "$venv/bin/python3" ] || ! "$venv/bin/python3" -c 'import torch' 2>/dev/null; then
  echo "gptnas: installing PyTorch in $venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet torch numpy
fi
exec "$venv/bin/python3" "$folder/gpt.py" --programs "$project/build/release/bench" "$@"
