"""Searches NAS-Bench-201 with Optuna's samplers and with gptnas; prints how many queries each needs for the best cell.

Optuna's samplers see six choices; the Gaussian process of "GPT + GP" also knows a cell's paths and what it costs, which
they cannot be told.

python3 search.py --data FOLDER --program FILE [--json FILE]
"""
import argparse
import csv
import functools
import gzip
import importlib.metadata
import json
import math
import multiprocessing
import os
import statistics
import subprocess
import tempfile
import time
import warnings

os.environ["OMP_NUM_THREADS"] = "1"  # a core for each run, as ours have
import optuna

SEEDS = range(1, 21)  # of `query_efficiency --quick`
LIMIT = 300  # queries; a run also ends after 30 proposals a query, as ours do, or five minutes of processor time
BUDGETS = (25, 50, 100, 150, 192, 300)
SAMPLERS = {  # with their defaults; the first ten cells are random, as ours are
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "TPE": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "GP": lambda seed: optuna.samplers.GPSampler(deterministic_objective=True, seed=seed),
}
OURS = ("regularized evolution", "GPT", "GPT + GP")


@functools.lru_cache
def table(data, column):
    """Validation accuracy after 200 epochs by cell, a text of six digits."""
    path = os.path.join(data, "nas_bench_201.csv")
    with open(path, newline="") if os.path.exists(path) else gzip.open(path + ".gz", "rt", newline="") as file:
        return {row["ops"]: float(row[column]) for row in csv.DictReader(file)}


def run(name, data, column, seed):
    """Queries until the best cell, infinite if it is not found, and the sampler's milliseconds of a processor a query."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    accuracy = table(data, column)
    best = max(accuracy.values())
    study = optuna.create_study(direction="maximize", sampler=SAMPLERS[name](seed))
    known = set()  # a cell that was asked before costs nothing
    seconds = 0
    for _ in range(30 * LIMIT):
        start = time.process_time()
        trial = study.ask()
        cell = "".join(str(trial.suggest_categorical(f"edge {edge}", range(5))) for edge in range(6))
        study.tell(trial, accuracy[cell])
        seconds += time.process_time() - start
        known.add(cell)
        if accuracy[cell] == best or len(known) == LIMIT or seconds > 300:
            break
    found = accuracy[cell] == best
    return (len(known) if found else math.inf), 1000 * seconds / len(known)


def of_optuna(pool, data, column):
    """A name and its figures for each sampler."""
    for name in SAMPLERS:
        runs = pool.starmap(run, [(name, data, column, seed) for seed in SEEDS], chunksize=1)
        queries, milliseconds = zip(*runs)
        median = statistics.median(queries)
        yield f"Optuna, {name}", {
            "found": {str(budget): sum(each <= budget for each in queries) / len(runs) for budget in BUDGETS},
            "median": median if median <= LIMIT else None,
            "milliseconds": statistics.mean(milliseconds),
        }


def of_gptnas(record):
    """The same of what `query_efficiency` wrote about a table."""
    for name in OURS:
        entry = record["arms"][name]
        yield f"gptnas, {name}", {
            "found": {budget: entry["found"][budget]["share"] for budget in map(str, BUDGETS)},
            "median": entry["queries"]["median"],
            "milliseconds": entry["milliseconds_a_query"]["mean"],
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder with nas_bench_201.csv, plain or .gz")
    parser.add_argument("--program", required=True, help="query_efficiency")
    parser.add_argument("--json", help="write the figures to this file")
    options = parser.parse_args()

    columns = {"cifar10": "c10_valid_200", "cifar100": "c100_valid_200"}
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "ours.json")
        command = [options.program, "--data", options.data, "--dataset", ",".join(columns), "--quick", "--json", file]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with open(file) as ours:
            tables = json.load(ours)["tables"]
    print(f"Optuna {importlib.metadata.version('optuna')}, {len(SEEDS)} runs each; found by so many queries")
    figures = {}
    with multiprocessing.Pool() as pool:
        for dataset, column in columns.items():
            print(f"\n{dataset:28}", *(f"{budget:5}" for budget in BUDGETS), " median  ms a query")
            figures[dataset] = {}
            for source in (of_optuna(pool, options.data, column), of_gptnas(tables[dataset])):
                for name, entry in source:
                    figures[dataset][name] = entry
                    found = (f"{100 * share:4.0f}%" for share in entry["found"].values())
                    median = f"> {LIMIT}" if entry["median"] is None else f"{entry['median']:.0f}"
                    print(f"{name:28}", *found, f"{median:>7}", f"{entry['milliseconds']:11.2f}", flush=True)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(figures, file, indent=2)


if __name__ == "__main__":
    main()
