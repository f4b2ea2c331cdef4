"""metrics/comparison.json: strategies side by side, on the same items and over several seeds."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lai.core.params.tasks import Task
from lai.core.records import Sample, Score
from lai.report.changes import cluster
from lai.statistics import Clusters, Estimate, clustered_mean, holm, sign_flip, verdict

VANILLA = "vanilla"
"""The target before it was taught anything: iter0 of every run."""
Comparison = dict[str, Any]
WORDS = {"improved": "a is better", "regressed": "b is better", "no evidence": "no evidence"}
"""What is said of a minus b."""


@dataclass(frozen=True)
class Run:
    """What one strategy came to with one seed. `right`: by sample id, 0 or 1.

    `samples`: rows taught over all iterations; `tokens`: of the instructor, asked or remembered.
    """

    strategy: str
    seed: int
    right: Mapping[str, float]
    samples: int
    tokens: int


def right(scores: Iterable[Score], tests: Mapping[str, Sample]) -> dict[str, float]:
    """1 for each test sample that was answered correctly, 0 for the others."""
    return {one.sample: float(one.value == "C") for one in scores if one.sample in tests}


def compare(runs: Sequence[Run], tests: Mapping[str, Sample], tasks: Mapping[str, Task]) -> Any:
    """The figures of each strategy, and each pair of strategies on the same items.

    Accuracies are shares from 0 to 1, means over seeds; `mean` is over all test tasks, unweighted,
    as are `id_mean` and `ood_mean` over theirs. A pair's difference is that of `mean`, a minus b,
    items averaged over seeds; its interval resamples clusters of items, its p-value is of sign
    flips of clusters, corrected for the number of pairs (Holm). `id` and `ood` are the same
    difference of `id_mean` and `ood_mean`, for a reader and untested. `by_seed`: the difference of
    each seed that both have, which shows what another training run makes of it; the interval does
    not.
    """
    named = {run.strategy: [one for one in runs if one.strategy == run.strategy] for run in runs}
    pooled = {name: _average([run.right for run in mine]) for name, mine in named.items()}
    pairs = list(itertools.combinations(named, 2))
    told = [_pair(pooled[a], pooled[b], tests, tasks) for a, b in pairs]
    corrected = holm([sign_flip(list(clusters.values())) for clusters in told])
    strategies = {name: _strategy(mine, tests, tasks) for name, mine in named.items()}
    return {
        "strategies": strategies,
        "paired": [
            {
                "a": a,
                "b": b,
                **_told(clusters, tasks, p),
                "by_seed": _by_seed(strategies[a], strategies[b]),
            }
            for (a, b), clusters, p in zip(pairs, told, corrected, strict=True)
        ],
    }


def _strategy(
    runs: Sequence[Run], tests: Mapping[str, Sample], tasks: Mapping[str, Task]
) -> dict[str, Any]:
    accuracies = [_accuracies(run.right, tests) for run in runs]
    names = [name for name in tasks if name in accuracies[0]]
    of_role = {role: [n for n in names if tasks[n].role == role] for role in ("id", "ood")}
    means = [statistics.fmean(found[name] for name in names) for found in accuracies]
    return {
        "mean": round(statistics.fmean(means), 6),
        "spread": round(statistics.stdev(means), 6) if len(means) > 1 else 0.0,
        **{
            f"{role}_mean": round(
                statistics.fmean(found[name] for found in accuracies for name in mine), 6
            )
            if mine
            else None
            for role, mine in of_role.items()
        },
        "tasks": {
            name: round(statistics.fmean(found[name] for found in accuracies), 6) for name in names
        },
        "seeds": [run.seed for run in runs],
        "means": [round(mean, 6) for mean in means],
        "samples": round(statistics.fmean(run.samples for run in runs)),
        "tokens": round(statistics.fmean(run.tokens for run in runs)),
    }


def _accuracies(found: Mapping[str, float], tests: Mapping[str, Sample]) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for sample, value in found.items():
        values.setdefault(tests[sample].task, []).append(value)
    return {task: statistics.fmean(all) for task, all in values.items()}


def _average(seeds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {sample: statistics.fmean(one[sample] for one in seeds) for sample in seeds[0]}


def _by_seed(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, float]:
    """The difference of two strategies' means with each seed that both have."""
    others = dict(zip(b["seeds"], b["means"], strict=True))
    return {
        str(seed): round(mean - others[seed], 6)
        for seed, mean in zip(a["seeds"], a["means"], strict=True)
        if seed in others
    }


def _pair(
    a: Mapping[str, float],
    b: Mapping[str, float],
    tests: Mapping[str, Sample],
    tasks: Mapping[str, Task],
) -> dict[str, Clusters]:
    """The difference of each item, by task and cluster."""
    found: dict[str, dict[str, list[float]]] = {}
    for sample, value in a.items():
        one = tests[sample]
        name = cluster(one, tasks)
        found.setdefault(one.task, {}).setdefault(name, []).append(value - b[sample])
    return dict(found)


def _told(clusters: Mapping[str, Clusters], tasks: Mapping[str, Task], p: float) -> Comparison:
    whole = clustered_mean(list(clusters.values()))
    of_role = {
        role: [one for name, one in clusters.items() if tasks[name].role == role]
        for role in ("id", "ood")
    }
    return {
        **_interval(whole),
        "p": float(f"{p:.4g}"),
        "verdict": WORDS[verdict(whole.low, whole.high, p)],
        **{role: _interval(clustered_mean(mine)) for role, mine in of_role.items() if mine},
    }


def _interval(estimate: Estimate) -> dict[str, float | None]:
    """A single cluster has no interval: null."""
    low, high = (
        None if math.isnan(end) else round(end, 6) for end in (estimate.low, estimate.high)
    )
    return {"difference": round(estimate.mean, 6), "low": low, "high": high}


def markdown(comparison: Comparison, tasks: Mapping[str, Task]) -> str:
    """The table of the paper's shape: tasks across, strategies down, in percent, best in bold."""
    strategies = comparison["strategies"]
    names = [name for name in tasks if name in next(iter(strategies.values()))["tasks"]]
    names.sort(key=lambda name: tasks[name].role != "id")
    labels = [f"{name} (ID)" if tasks[name].role == "id" else name for name in names]
    seeds = max(len(row["seeds"]) for row in strategies.values())
    heads = ["strategy", *labels, "average", *(["± over seeds"] if seeds > 1 else []), "samples",
             "instructor tokens"]  # fmt: skip
    best = {name: max(row["tasks"][name] for row in strategies.values()) for name in names}
    top = max(row["mean"] for row in strategies.values())
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for strategy, row in strategies.items():
        cells = [_cell(row["tasks"][name], best[name]) for name in names]
        cells.append(_cell(row["mean"], top))
        cells += [f"{100 * row['spread']:.1f}"] if seeds > 1 else []
        cells += [f"{row['samples']:,}", f"{row['tokens']:,}"]
        lines.append(f"| {strategy} | {' | '.join(cells)} |")
    said = [
        f"- {row['a']} minus {row['b']}: {_points(row)}, p = {row['p']:.2g}: {row['verdict']} ("
        + ", ".join(f"{role.upper()} {_points(row[role])}" for role in ("id", "ood") if role in row)
        + (f"; by seed {_each(row['by_seed'])}" if len(row["by_seed"]) > 1 else "")
        + ")"
        for row in comparison["paired"]
    ]
    counted = "one seed" if seeds == 1 else f"{seeds} seeds"
    note = (
        f"Test accuracy in percent of the model that a run ends with, {counted}. Differences of "
        "the average, in points: on the same items, clusters resampled, 95 % intervals, p-values "
        "after Holm. They hold for these trained models; how another training run might have come "
        "out shows in the differences by seed."
    )
    return "\n".join([*lines, "", note, "", *said]) + "\n"


def _each(by_seed: Mapping[str, float]) -> str:
    return ", ".join(f"{100 * difference:+.1f}" for difference in by_seed.values())


def _points(row: Mapping[str, Any]) -> str:
    if row["low"] is None:
        return f"{100 * row['difference']:+.1f}"
    return f"{100 * row['difference']:+.1f} [{100 * row['low']:+.1f}, {100 * row['high']:+.1f}]"


def _cell(value: float, best: float) -> str:
    text = f"{100 * value:.1f}"
    return f"**{text}**" if value == best else text
