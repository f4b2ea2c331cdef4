"""How sure one can be of a mean over items that come in clusters, such as questions of a skill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import bootstrap


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error and 95 % interval, in the unit of the values."""

    mean: float
    error: float
    low: float
    high: float


def clustered_mean(
    tasks: Sequence[Mapping[str, Sequence[float]]], seed: int = 0, resamples: int = 2000
) -> Estimate:
    """The unweighted mean over tasks of their item means, clusters resampled within each task.

    `tasks`: the values of each cluster's items, a mapping a task. For a difference between two
    models give the paired differences of the items. Percentile bootstrap over clusters (Efron &
    Tibshirani 1993, ch. 8; Miller 2024, arXiv 2411.00640, on clusters in evaluations).
    """
    sums = [np.array([sum(values) for values in task.values()], dtype=float) for task in tasks]
    counts = [np.array([len(values) for values in task.values()], dtype=float) for task in tasks]

    def mean(*drawn: Any, axis: int = -1) -> Any:
        parts = [
            total[index].sum(axis=axis) / count[index].sum(axis=axis)
            for total, count, index in zip(sums, counts, drawn, strict=True)
        ]
        return np.mean(parts, axis=0)

    indices = [np.arange(len(task)) for task in tasks]
    result = bootstrap(
        indices,
        mean,
        n_resamples=resamples,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(seed),
    )
    return Estimate(
        mean=float(mean(*indices)),
        error=float(result.standard_error),
        low=float(result.confidence_interval.low),
        high=float(result.confidence_interval.high),
    )
