"""How each test changed from iter0 to the last iteration, and what may be said of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lai.core.params.tasks import Task
from lai.core.records import Sample, Score
from lai.statistics import (
    Clusters,
    clustered_mean,
    mcnemar,
    sign_flip,
    smallest_effect,
    verdict,
)

ROLES = {"id": "ID mean", "ood": "OOD mean"}


def changes(
    samples: Iterable[Sample],
    before: Iterable[Score],
    after: Iterable[Score],
    tasks: Mapping[str, Task],
) -> list[dict[str, Any]]:
    """A row a test task and a row a mean; shares from 0 to 1.

    `change` with its 95 % interval (paired, clusters resampled), `fixed` and `broken` items with
    McNemar's p, the verdict in words (interval and sign-flip test of the clusters must agree), and
    for a task the smallest change that so many items show.
    """
    then, now = _right(before), _right(after)
    found: dict[str, dict[str, list[float]]] = {}
    flips: dict[str, list[float]] = {}
    for sample in samples:
        if sample.split != "test":
            continue
        difference = now[sample.id] - then[sample.id]
        name = cluster(sample, tasks)
        found.setdefault(sample.task, {}).setdefault(name, []).append(difference)
        flips.setdefault(sample.task, []).append(difference)
    rows = []
    for role, label in ROLES.items():
        names = [name for name in tasks if tasks[name].role == role and name in found]
        for name in names:
            fixed, broken = flips[name].count(1), flips[name].count(-1)
            rows.append(
                _row(name, [found[name]])
                | {
                    "fixed": fixed,
                    "broken": broken,
                    "p": float(f"{mcnemar(fixed, broken):.3g}"),
                    "smallest_effect": round(smallest_effect(len(flips[name])), 4),
                }
            )
        if names:
            rows.append(_row(label, [found[name] for name in names]))
    return rows


def cluster(sample: Sample, tasks: Mapping[str, Task]) -> str:
    """The cluster of a sample among those of all tests: its skill is the same in its family's."""
    return f"{tasks[sample.task].family} {sample.cluster}"


def _row(name: str, tasks: Sequence[Clusters]) -> dict[str, Any]:
    estimate = clustered_mean(tasks)
    known = not math.isnan(estimate.low)
    return {
        "name": name,
        "change": round(estimate.mean, 6),
        "low": round(estimate.low, 6) if known else None,
        "high": round(estimate.high, 6) if known else None,
        "verdict": verdict(estimate.low, estimate.high, sign_flip(tasks)),
    }


def _right(scores: Iterable[Score]) -> dict[str, float]:
    return {score.sample: float(score.value == "C") for score in scores}
