"""The page's table: accuracies, changes with their intervals, and the counts behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lai.report.changes import ROLES
from lai.statistics import smallest_effect, wilson

if TYPE_CHECKING:
    from lai.report.summary import Summary

KINDS = {"id": "in-domain", "ood": "out-of-domain"}


@dataclass(frozen=True)
class Row:
    """A test task or a mean. `change`: a row of `lai.report.changes`, absent for the dev mean.

    `tests`: how many are behind it, and `n` their items, `flipped` of which are right in one of
    iter0 and the last iteration alone (None: not known). `seen`: the smallest change that so many
    items would have shown.
    """

    name: str
    role: str
    tests: int
    n: int
    flipped: int | None
    curve: list[float]
    band: list[tuple[float, float]]
    change: Mapping[str, Any] | None
    seen: float | None

    @property
    def kind(self) -> str:
        """In which domain the task is, in words; of a mean none."""
        return KINDS.get(self.role, "")

    @property
    def unchanged(self) -> bool:
        """Whether every item was the same both times."""
        return self.flipped == 0


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

    `measured`: metrics/iterations/iterN.json of every iteration; none where bands are not wanted.
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
        sizes = [task["n"] for task in mine.values()]
        flipped = [_flipped(said.get(name)) for name in mine]
        for (name, task), n, flips in zip(mine.items(), sizes, flipped, strict=True):
            curve = task["accuracy"]
            band = bands.get(name, [])
            found.append(Row(name, role, 1, n, flips, curve, band, said.get(name), _seen([n])))
        if mine and summary[f"{role}_mean"]:
            known = [one for one in flipped if one is not None]
            all_flips = sum(known) if len(known) == len(mine) else None
            curve, change = summary[f"{role}_mean"], said.get(label)
            behind = len(mine), sum(sizes), all_flips
            found.append(Row(label, "", *behind, curve, [], change, _seen(sizes)))
    if summary["dev_mean"]:
        found.append(Row("dev mean", "", 0, 0, None, summary["dev_mean"], [], None, None))
    return found


def _flipped(change: Mapping[str, Any] | None) -> int | None:
    return change["fixed"] + change["broken"] if change else None


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
