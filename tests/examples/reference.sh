#!/bin/sh
# sh reference.sh DATA DATASET NAS_BENCH_201 AGREES_WITH_REFERENCE: the search on the real table, against the reference.
set -eu
if [ ! -f "$1/nas_bench_201.csv.gz" ]; then
  echo "skipped: $1/nas_bench_201.csv.gz is missing; set GPTNAS_DATA_DIR"
  exit 77
fi
"$3" --data "$1" --dataset "$2" --json "$2.json"
"$4" "$2.json"
