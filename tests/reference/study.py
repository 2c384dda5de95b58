"""Writes study.txt, what SciPy and statsmodels say of small samples: python tests/reference/study.py

A line is one case: the name of the statistic, then values and samples. A sample is the number of its values, then the
values. The samples are short decimals, so that the file says them exactly.
"""

import pathlib
import random

import numpy
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

ALTERNATIVES = ("two-sided", "greater", "less")


def text(*parts):
    words = []
    for part in parts:
        if isinstance(part, (list, tuple, numpy.ndarray)):
            words += [str(len(part))] + [repr(float(value)) for value in part]
        elif isinstance(part, str):
            words.append(part)
        else:
            words.append(repr(part.item() if isinstance(part, numpy.generic) else part))
    return " ".join(words)


def untied(draw, count):
    """Differences of different absolute values, none of them zero."""
    return [sign * value / 16 for value, sign in
            zip(draw.sample(range(1, 1000), count), draw.choices((-1, 1), weights=(2, 3), k=count))]


def tied(draw, count):
    return [float(draw.choice((-3, -2, -1, -1, 0, 0, 1, 1, 2, 2, 3, 4))) for _ in range(count)]


def positive_rank_sum(differences):
    ranks = stats.rankdata(numpy.abs(differences))
    return float(ranks[numpy.array(differences) > 0].sum())


def wilcoxon_lines(draw):
    """Of ties and zeros SciPy has no exact distribution, but it enumerates the signs of up to 13 differences."""
    for count in (1, 2, 5, 9, 13, 25, 50):
        differences = untied(draw, count)
        for alternative in ALTERNATIVES:
            p = stats.wilcoxon(differences, alternative=alternative, method="exact").pvalue
            yield text("wilcoxon", alternative, "exact", positive_rank_sum(differences), p, differences)
    for count in (4, 7, 10, 13):
        differences = tied(draw, count)
        for alternative in ALTERNATIVES:
            p = stats.wilcoxon(differences, zero_method="pratt", alternative=alternative,
                               method=stats.PermutationMethod(n_resamples=2**14)).pvalue
            yield text("wilcoxon", alternative, "exact", positive_rank_sum(differences), p, differences)
    for count, make in ((20, untied), (20, tied), (60, untied), (60, tied), (200, untied), (200, tied)):
        differences = make(draw, count)
        for alternative in ALTERNATIVES:
            p = stats.wilcoxon(differences, zero_method="pratt", correction=False, alternative=alternative,
                               method="asymptotic").pvalue
            yield text("wilcoxon", alternative, "normal", positive_rank_sum(differences), p, differences)


def non_inferiority_lines(draw):
    for count in (8, 30, 200):
        reference = [draw.randrange(10, 300) for _ in range(count)]
        candidate = [value + draw.randrange(-40, 41) for value in reference]
        for margin in (0, 3, 8):
            differences = numpy.subtract(reference, candidate) + margin  # fewer are better
            p = stats.wilcoxon(differences, zero_method="pratt", correction=False, alternative="greater",
                               method="asymptotic").pvalue
            yield text("non_inferiority", margin, p, candidate, reference)


def mcnemar_lines():
    for only_first, only_second in ((0, 1), (3, 0), (4, 4), (2, 9), (15, 6), (61, 40), (0, 200), (1, 150)):
        table = [[17, only_first], [only_second, 5]]
        p = {"two-sided": mcnemar(table, exact=True).pvalue}
        for alternative in ALTERNATIVES[1:]:
            p[alternative] = stats.binomtest(only_first, only_first + only_second, 0.5, alternative).pvalue
        for alternative in ALTERNATIVES:
            yield text("mcnemar", alternative, float(p[alternative]), only_first, only_second)


def wilson_lines():
    for successes, trials in ((0, 1), (1, 1), (0, 20), (20, 20), (1, 10), (5, 10), (198, 200), (199, 200), (123, 1000)):
        for confidence in (0.5, 0.9, 0.95, 0.99):
            lower, upper = proportion_confint(successes, trials, 1 - confidence, method="wilson")
            yield text("wilson", successes, trials, confidence, float(lower), float(upper))


def holm_lines(draw):
    for count in (1, 2, 5, 12):
        p = [round(draw.random() ** 4, 6) for _ in range(count)]
        if count > 4:
            p[3] = p[1]
        yield text("holm", p, multipletests(p, method="holm")[1])


def vargha_delaney_lines(draw):
    for sizes in ((1, 1), (3, 7), (20, 20), (200, 150)):
        first, second = ([float(draw.randrange(12)) for _ in range(size)] for size in sizes)
        u = stats.mannwhitneyu(first, second).statistic
        yield text("vargha_delaney", u / (len(first) * len(second)), first, second)


def kendall_lines(draw):
    for count, values in ((2, 100), (7, 3), (20, 5), (20, 1000), (200, 12)):
        first = [float(draw.randrange(values)) for _ in range(count)]
        second = [value + draw.randrange(values) for value in first]
        yield text("kendall_tau", stats.kendalltau(first, second).statistic, first, second)


def quartile_lines(draw):
    for count in (1, 2, 3, 4, 5, 10, 51, 200):
        values = [float(draw.randrange(1, 300)) for _ in range(count)]
        yield text("quartiles", numpy.quantile(values, (0.25, 0.5, 0.75)), values)


def main():
    draw = random.Random(1)
    lines = [*wilcoxon_lines(draw), *non_inferiority_lines(draw), *mcnemar_lines(), *wilson_lines(), *holm_lines(draw),
             *vargha_delaney_lines(draw), *quartile_lines(draw), *kendall_lines(draw)]
    (pathlib.Path(__file__).parent / "study.txt").write_text("\n".join(lines) + "\n")


main()
