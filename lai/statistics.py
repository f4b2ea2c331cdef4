"""What may be said of accuracies: intervals, paired tests, and a verdict in words.

Two models are compared on the same items: unpaired errors are two to three times too wide. Items
of one cluster (a skill, the variants of one question) stand or fall together, so clusters are
resampled, not items (Miller 2024, arXiv 2411.00640).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

# scipy.stats takes a second to import: what needs it takes it where it is used.
from scipy.special import bdtr, ndtri

Clusters = Mapping[str, Sequence[float]]
"""The values of a task's items by cluster: 0 or 1 each, or the difference of two such values.

A cluster of several tasks (a skill that two tests ask for) has one name in all of them.
"""
Word = Literal["improved", "no evidence", "regressed"]


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error and 95 % interval, in the unit of the values."""

    mean: float
    error: float
    low: float
    high: float


def clustered_mean(tasks: Sequence[Clusters], seed: int = 0, resamples: int = 2000) -> Estimate:
    """The unweighted mean over tasks of their item means, clusters resampled.

    For a difference between two models give the paired differences of the items. Percentile
    bootstrap (Efron & Tibshirani 1993, ch. 8), stratified by the tasks that a cluster is in: one of
    several tasks is drawn for all of them at once. A stratum of a single cluster does not vary.
    """
    strata = _strata(tasks)
    sums, counts = (
        [np.array([[of(tasks[p][name]) for name in names] for p in mine]) for mine, names in strata]
        for of in (sum, len)
    )

    def mean(*drawn: Any, axis: int = -1) -> Any:
        total = np.zeros((len(tasks), *np.shape(drawn[0])[:-1]))
        count = np.zeros_like(total)
        for (mine, _), value, number, index in zip(strata, sums, counts, drawn, strict=True):
            total[mine] += value[:, index].sum(axis=axis)
            count[mine] += number[:, index].sum(axis=axis)
        return (total / count).mean(axis=0)

    indices = [np.arange(len(names)) for _, names in strata]
    found = float(mean(*indices))
    if all(len(index) < 2 for index in indices):
        return Estimate(found, math.nan, math.nan, math.nan)
    from scipy.stats import bootstrap

    result = bootstrap(
        [np.repeat(index, 2) if len(index) < 2 else index for index in indices],
        mean,
        n_resamples=resamples,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(seed),
    )
    return Estimate(
        mean=found,
        error=float(result.standard_error),
        low=float(result.confidence_interval.low),
        high=float(result.confidence_interval.high),
    )


def _strata(tasks: Sequence[Clusters]) -> list[tuple[list[int], list[str]]]:
    """(places of tasks, names of the clusters that are in these tasks and in no others)."""
    places: dict[str, list[int]] = {}
    for place, task in enumerate(tasks):
        for name in task:
            places.setdefault(name, []).append(place)
    found: dict[tuple[int, ...], list[str]] = {}
    for name, mine in places.items():
        found.setdefault(tuple(mine), []).append(name)
    return [(list(mine), names) for mine, names in found.items()]


def sign_flip(tasks: Sequence[Clusters], seed: int = 0, resamples: int = 9999) -> float:
    """Two-sided p-value of the mean paired difference over tasks: the signs of clusters are drawn.

    (Fisher's randomization test.) `tasks`: paired differences, as for `clustered_mean`; a cluster
    of several tasks has one sign.
    """
    shares: dict[str, float] = {}
    for task in tasks:
        items = sum(map(len, task.values())) * len(tasks)
        for name, values in task.items():
            shares[name] = shares.get(name, 0.0) + sum(values) / items
    parts = np.array(list(shares.values()))
    parts = parts[parts != 0]
    if len(parts) < 2:  # one sign says nothing: both draws are as extreme
        return 1.0
    from scipy.stats import permutation_test

    result = permutation_test(
        (parts,),
        lambda drawn, axis: np.sum(drawn, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=resamples,
        batch=max(1, 20_000_000 // len(parts)),
        rng=np.random.default_rng(seed),
    )
    return float(result.pvalue)


def wilson(correct: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); (0, 1) of nothing."""
    if not n:
        return 0.0, 1.0
    from scipy.stats import binomtest

    interval = binomtest(correct, n).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def mcnemar(fixed: int, broken: int) -> float:
    """Exact two-sided p-value of `fixed` against `broken` items (McNemar 1947)."""
    return min(1.0, 2 * float(bdtr(min(fixed, broken), fixed + broken, 0.5)))


def holm(values: Sequence[float]) -> list[float]:
    """p-values corrected for that many comparisons (Holm 1979), in the same order."""
    if not values:
        return []
    from statsmodels.stats.multitest import multipletests  # takes a second to import

    return [float(value) for value in multipletests(list(values), method="holm")[1]]


def smallest_effect(n: int, discordant: float = 0.2, power: float = 0.8) -> float:
    """The change of a share that `n` paired items show with `power` at p < .05, both sides.

    `discordant`: the share of items on which the two models differ.
    """
    reach = float(ndtri(0.975) + ndtri(power))
    return min(1.0, reach * math.sqrt(discordant / n)) if n else 1.0


def verdict(low: float, high: float, p: float) -> Word:
    """What is said of a change: interval and test must agree.

    Of few clusters a bootstrap interval is too short (of 3 to 8 it excludes zero in a tenth of the
    cases where nothing changed); the sign-flip test is not.
    """
    if p >= 0.05:
        return "no evidence"
    return "improved" if low > 0 else "regressed" if high < 0 else "no evidence"
