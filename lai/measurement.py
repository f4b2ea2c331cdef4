"""What one iteration's dev and test scores amount to, and which items flipped since before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lai.core.params.schema import Task
from lai.core.records import Sample, Score
from lai.evaluation import tally


def measure(
    samples: Iterable[Sample],
    scores: Sequence[Score],
    earlier: Mapping[str, Sequence[Score]],
    tasks: Mapping[str, Task],
) -> dict[str, Any]:
    """Counts, accuracy and flips of every task on dev and test, and the unweighted means.

    `earlier`: the scores of other iterations on the same samples. A flip is `fixed` (now right,
    then not) or `broken` (then right, now not).
    """
    split_of = {sample.id: sample.split for sample in samples}
    task_of = {sample.id: sample.task for sample in samples}
    right = {score.sample: score.value == "C" for score in scores}
    result: dict[str, Any] = {}
    for split in ("dev", "test"):
        found: dict[str, Any] = {}
        for name in sorted(tasks):
            mine = [
                score
                for score in scores
                if split_of[score.sample] == split and task_of[score.sample] == name
            ]
            if mine:
                found[name] = tally(mine)
                found[name]["flips"] = {
                    iteration: _flips([score.sample for score in mine], right, before)
                    for iteration, before in earlier.items()
                }
        result[split] = {"tasks": found, **_means(found, tasks)}
    return result


def _flips(
    samples: Sequence[str], right: Mapping[str, bool], before: Sequence[Score]
) -> dict[str, int]:
    was_right = {score.sample: score.value == "C" for score in before}
    return {
        "fixed": sum(right[sample] and not was_right[sample] for sample in samples),
        "broken": sum(not right[sample] and was_right[sample] for sample in samples),
    }


def _means(found: Mapping[str, Any], tasks: Mapping[str, Task]) -> dict[str, float]:
    means = {}
    for role in ("id", "ood"):
        accuracies = [found[name]["accuracy"] for name in found if tasks[name].role == role]
        if accuracies:
            means[f"{role}_mean"] = round(sum(accuracies) / len(accuracies), 6)
    return means


def sentence(measured: Mapping[str, Any]) -> str:
    """The means in words, as percentages."""
    test, dev = measured["test"], measured["dev"]
    parts = [f"ID test mean {test['id_mean']:.1%}"]
    if "ood_mean" in test:
        parts.append(f"OOD test mean {test['ood_mean']:.1%}")
    return ", ".join([*parts, f"dev mean {dev['id_mean']:.1%}"])
