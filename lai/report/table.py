"""The page's table: accuracies, changes with their intervals, and the counts behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lai.report.changes import ROLES
from lai.report.summary import Summary
from lai.statistics import smallest_effect, wilson

KINDS = {"id": "in-domain", "ood": "out-of-domain", "guard": "guard"}


@dataclass(frozen=True)
class Row:
    """A test task or a mean. `change`: a row of `lai.report.changes`, absent for the dev mean.

    `seen`: the smallest change that so many items would have shown.
    """

    name: str
    role: str
    n: int | None
    curve: list[float]
    band: list[tuple[float, float]]
    change: Mapping[str, Any] | None
    seen: float | None


@dataclass(frozen=True)
class Counted:
    """What stands behind one accuracy, with its Wilson interval."""

    task: str
    split: str
    iteration: str
    counts: Mapping[str, Any]
    low: float
    high: float


def rows(
    summary: Summary,
    measured: Sequence[Mapping[str, Any]],
    changes: Sequence[Mapping[str, Any]],
) -> list[Row]:
    """In-domain tests and their mean, out-of-domain tests and theirs, the mean of the dev splits.

    `measured`: metrics/iterations/iterN.json of every iteration.
    """
    said = {row["name"]: row for row in changes}
    bands: dict[str, list[tuple[float, float]]] = {}
    for one in measured:
        for row in one["counts"]:
            if row["split"] == "test":
                bands.setdefault(row["task"], []).append(wilson(row["correct"], row["n"]))
    found = []
    for role, label in ROLES.items():
        mine = {name: task for name, task in summary["tasks"].items() if task["role"] == role}
        for name, task in mine.items():
            n = task["n"]
            change = said.get(name)
            row = Row(name, KINDS[role], n, task["accuracy"], bands[name], change, _seen([n]))
            found.append(row)
        if mine and summary[f"{role}_mean"]:
            seen = _seen([task["n"] for task in mine.values()])
            curve = summary[f"{role}_mean"]
            found.append(Row(label, "", None, curve, [], said.get(label), seen))
    if summary["dev_mean"]:
        found.append(Row("dev mean", "", None, summary["dev_mean"], [], None, None))
    return found


def _seen(sizes: Sequence[int]) -> float | None:
    """Of the unweighted mean over tasks of these sizes, which is as exact as one test of `n`."""
    if not all(sizes):
        return None
    return smallest_effect(round(len(sizes) ** 2 / sum(1 / n for n in sizes)))


def counted(iterations: Sequence[str], measured: Sequence[Mapping[str, Any]]) -> list[Counted]:
    """The counts of every task, split and iteration, tests first."""
    found = [
        Counted(row["task"], row["split"], name, row, *wilson(int(row["correct"]), int(row["n"])))
        for name, one in zip(iterations, measured, strict=True)
        for row in one["counts"]
    ]
    return sorted(found, key=lambda one: (one.split != "test", one.task))
