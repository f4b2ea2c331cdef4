"""What one iteration's dev and test scores amount to, and which items flipped since before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lai.core.params.tasks import Task
from lai.core.records import Sample, Score
from lai.evaluation import tally


def measure(
    samples: Iterable[Sample],
    scores: Sequence[Score],
    earlier: Mapping[str, Sequence[Score]],
    tasks: Mapping[str, Task],
) -> dict[str, Any]:
    """The unweighted means, each task's accuracy on its test, and the counts behind them.

    `earlier`: the scores of other iterations on the same samples. A flip is `fixed` (now right,
    then not) or `broken` (then right, now not). `mean` has the in-domain tasks' dev and test
    splits (`dev`, `id`) and the out-of-domain tests (`ood`, where there are any). The counts are a
    list, because `dvc metrics` and `dvc exp show` make a column of every number in no list.
    """
    split_of = {sample.id: sample.split for sample in samples}
    task_of = {sample.id: sample.task for sample in samples}
    groups: dict[tuple[str, str], list[Score]] = {}
    for score in scores:
        key = split_of[score.sample], task_of[score.sample]
        groups.setdefault(key, []).append(score)
    counts = [
        {"split": split, "task": task, **tally(mine), "flips": _flips(mine, earlier)}
        for (split, task), mine in sorted(groups.items())
    ]
    of_split = {
        split: {row["task"]: row["accuracy"] for row in counts if row["split"] == split}
        for split in ("dev", "test")
    }
    of_role = {
        "dev": [value for name, value in of_split["dev"].items() if tasks[name].role == "id"],
        "id": [value for name, value in of_split["test"].items() if tasks[name].role == "id"],
        "ood": [value for name, value in of_split["test"].items() if tasks[name].role == "ood"],
    }
    return {
        "mean": {role: round(sum(all) / len(all), 6) for role, all in of_role.items() if all},
        "test": of_split["test"],
        "counts": counts,
    }


def _flips(
    mine: Sequence[Score], earlier: Mapping[str, Sequence[Score]]
) -> dict[str, dict[str, int]]:
    right = {score.sample: score.value == "C" for score in mine}
    flips = {}
    for iteration, before in earlier.items():
        was_right = {score.sample: score.value == "C" for score in before}
        flips[iteration] = {
            "fixed": sum(now and not was_right[sample] for sample, now in right.items()),
            "broken": sum(not now and was_right[sample] for sample, now in right.items()),
        }
    return flips


def sentence(measured: Mapping[str, Any]) -> str:
    """The means in words, as percentages."""
    names = {"id": "ID test mean", "ood": "OOD test mean", "dev": "dev mean"}
    mean = measured["mean"]
    return ", ".join(f"{name} {mean[role]:.1%}" for role, name in names.items() if role in mean)


def listed(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Figures for git alone: what stands in a list does not widen DVC's tables."""
    return {"synthesis": [figures]}
