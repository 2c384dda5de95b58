"""Runs one genetic algorithm by gptnas, pagmo2 and DEAP, turn by turn on one core, and prints the evaluations a second.

python3 evolution.py --programs FOLDER [--repeats N] [--json FILE]
"""
import argparse
import json
import os
import platform
import statistics
import sys

from worker import Worker, answer, take_turns

GENES, VALUES, POPULATION, GENERATIONS = 64, 8, 100, 1000  # those of bench/hidden_target.hpp
EVALUATIONS = POPULATION * (GENERATIONS + 1)
SIDES = {  # a name, its program, and what it does otherwise than ours
    "gptnas": (["evolution_worker"],
               "tournament 3, uniform crossover of nine in ten, mutation to another value 1/64, one elite"),
    "pagmo2, binomial": (["pagmo_worker", "binomial"],
                         "its nearest to uniform crossover, of all; the three of a tournament differ, a mutation may"
                         " draw the old value, the best of parents and children stay"),
    "pagmo2, single": (["pagmo_worker", "single"], "its fastest: as above, but one cut, of nine in ten"),
    "DEAP": ([sys.executable, os.path.abspath(__file__), "peer"],
             "eaSimple: nine in ten pairs exchange genes, a mutation may draw the old value, no elite"),
}


def peer():
    """The side of DEAP, as its example onemax_short sets one up: arrays, which it copies faster than lists."""
    import array
    import operator
    import random
    from importlib.metadata import version

    from deap import algorithms, base, creator, tools

    random.seed(1)
    target = [random.randrange(VALUES) for _ in range(GENES)]
    creator.create("Fitness", base.Fitness, weights=(1.0,))
    creator.create("Individual", array.array, typecode="b", fitness=creator.Fitness)
    toolbox = base.Toolbox()
    toolbox.register("digit", random.randrange, VALUES)
    toolbox.register("individual", tools.initRepeat, creator.Individual, toolbox.digit, GENES)
    toolbox.register("population", tools.initRepeat, list, toolbox.individual, POPULATION)
    toolbox.register("evaluate", lambda individual: (sum(map(operator.eq, individual, target)),))
    toolbox.register("select", tools.selTournament, tournsize=3)
    toolbox.register("mate", tools.cxUniform, indpb=0.5)
    toolbox.register("mutate", tools.mutUniformInt, low=0, up=VALUES - 1, indpb=1 / GENES)
    matches = []

    def work():
        best = tools.HallOfFame(1)
        algorithms.eaSimple(toolbox.population(), toolbox, cxpb=0.9, mutpb=1, ngen=GENERATIONS, halloffame=best,
                            verbose=False)
        matches.append(best[0].fitness.values[0])

    answer(work)
    print(f"{statistics.mean(matches):.2f} DEAP {version('deap')}, Python {platform.python_version()}")


def processor():
    with open("/proc/cpuinfo") as file:
        return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True, help="the folder of evolution_worker and pagmo_worker")
    parser.add_argument("--repeats", type=int, default=9, help="turns of each side (default: %(default)s)")
    parser.add_argument("--json", help="a file for the figures")
    options = parser.parse_args()

    workers = {name: Worker(["taskset", "-c", "0", os.path.join(options.programs, program), *arguments])
               for name, ((program, *arguments), _) in SIDES.items()}
    seconds = take_turns(workers, options.repeats, warm_up=1)
    print(f"{processor()}, one core, {options.repeats} turns each, medians; {POPULATION} individuals of {GENES} genes"
          f" of {VALUES} values, {GENERATIONS} generations\n")
    print(f"{'':18} {'evaluations a second':>20} {'gptnas is':>16} {'mean matches':>15}  version")
    figures = {}
    for name, worker in workers.items():
        matches, version = worker.last_words.strip().split(maxsplit=1)
        rate = EVALUATIONS / statistics.median(seconds[name])
        figures[name] = dict(version=version, evaluations_a_second=rate, mean_matches=float(matches),
                             seconds=seconds[name])
        ratio = "" if name == "gptnas" else f"{figures['gptnas']['evaluations_a_second'] / rate:.1f} times faster"
        print(f"{name:18} {rate / 1e6:18.3f} M {ratio:>18} {matches:>13}  {version}")
    print()
    for name, (_, what) in SIDES.items():
        print(f"{name}: {what}")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(dict(processor=processor(), evaluations=EVALUATIONS, sides=figures), file, indent=1)


if __name__ == "__main__":
    if sys.argv[1:] == ["peer"]:
        peer()
    else:
        main()
