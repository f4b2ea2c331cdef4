"""metrics/summary.json: every task's accuracy over the iterations, and the ID and OOD means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lai.core.iterations import chain
from lai.core.jsonl import read_json
from lai.core.params.tasks import Task
from lai.report.table import Row
from lai.report.table import rows as counted_rows

Summary = dict[str, Any]


def summarize(
    folder: Path,
    iterations: Mapping[str, str],
    tasks: Mapping[str, Task],
    strategy: str,
    seed: int,
) -> Summary:
    """Read `folder`/iterN.json of every iteration. Accuracies are shares from 0 to 1."""
    names = chain(iterations)
    measured = [read_json(folder / f"{name}.json") for name in names]
    n = {row["task"]: row["n"] for row in measured[0]["counts"] if row["split"] == "test"}
    summary: Summary = {
        "iterations": names,
        "strategy": strategy,
        "seed": seed,
        "tasks": {
            name: {
                "family": task.family,
                "role": task.role,
                "n": n[name],
                "accuracy": [found["test"][name] for found in measured],
            }
            for name, task in tasks.items()
            if name in n
        },
        "gate_failed": {
            name: found["gate_failed"]
            for name, found in zip(names, measured, strict=True)
            if found.get("gate_failed")
        },
    }
    for role in ("dev", "id", "ood"):
        curve = [found["mean"][role] for found in measured if role in found["mean"]]
        # No list rather than an empty one, which `dvc plots` stumbles over.
        summary[f"{role}_mean"] = curve or None
    return summary | {"curves": _curves(summary)}


def _curves(summary: Summary) -> list[dict[str, Any]]:
    """The same figures as `dvc plots` reads them: a row a task or mean and iteration."""
    curves = {name: task["accuracy"] for name, task in summary["tasks"].items()}
    curves |= {mean: summary[mean] for mean in ("id_mean", "ood_mean") if summary[mean]}
    return [
        {"iteration": iteration, "task": name, "accuracy": accuracy}
        for name, curve in curves.items()
        for iteration, accuracy in zip(summary["iterations"], curve, strict=True)
    ]


def final(summary: Summary, changes: Sequence[Mapping[str, Any]], good: str) -> dict[str, Any]:
    """Where the last iteration stands, and the change since iter0, both as shares from 0 to 1.

    `changes`: of `lai.report.changes`, with intervals and verdicts. `good`: the iteration that the
    gate lets stand, of whose model `lai compare` speaks; it is told apart where it is another one.

    It is what `dvc metrics` and `dvc exp show` print, whose columns are the numbers in no list.
    """
    means = {role: summary[f"{role}_mean"] for role in ("dev", "id", "ood")}
    found = {
        "mean": {role: curve[-1] for role, curve in means.items() if curve},
        "change": {role: round(curve[-1] - curve[0], 6) for role, curve in means.items() if curve},
        "test": {name: task["accuracy"][-1] for name, task in summary["tasks"].items()},
        "changes": list(changes),
    }
    if good != summary["iterations"][-1]:
        place = summary["iterations"].index(good)
        stands = {role: curve[place] for role, curve in means.items() if curve}
        found["good"] = {"iteration": good, "mean": stands}
    return found


def rows(summary: Summary) -> list[tuple[str, str, list[float], float]]:
    """(task, role, accuracy an iteration, change from the first to the last) and the two means."""
    found = [
        (name, "ID" if task["role"] == "id" else "OOD", task["accuracy"])
        for name, task in summary["tasks"].items()
    ]
    found.sort(key=lambda row: row[1] != "ID")
    for mean, label in (("id_mean", "ID mean"), ("ood_mean", "OOD mean")):
        if summary[mean]:
            found.append((label, "", summary[mean]))
    return [(name, role, curve, curve[-1] - curve[0]) for name, role, curve in found]


def table(summary: Summary, changes: Sequence[Mapping[str, Any]] = ()) -> str:
    """The accuracies in percent as a text table, the change in points in the last column.

    `changes`: of `lai.report.changes`; adds each change's 95 % interval and what it says.
    """
    said = {row.name: row for row in counted_rows(summary, [], changes) if row.change}
    width = max(len(name) for name in [*summary["tasks"], "OOD mean", "task"])
    header = ["task".ljust(width), "   ", *(name.rjust(7) for name in summary["iterations"])]
    lines = ["  ".join([*header, " change", *(["95 % interval"] if said else [])])]
    for name, role, curve, change in rows(summary):
        cells = [f"{100 * accuracy:7.1f}" for accuracy in curve]
        line = [name.ljust(width), role.ljust(3), *cells, f"{100 * change:+7.1f}"]
        lines.append("  ".join(line + (_certainty(said[name]) if name in said else [])))
    for name, failed in summary.get("gate_failed", {}).items():
        lines.append(f"{name} failed the gate on dev: {', '.join(failed)}")
    return "\n".join(lines)


def _certainty(row: Row) -> list[str]:
    """The interval and the verdict, as the page has them."""
    change = row.change or {}
    if change["low"] is None:
        return []
    interval = f"[{100 * change['low']:+.1f}, {100 * change['high']:+.1f}]"
    unseen = f" (below {100 * row.seen:.1f} may go unseen)" if row.seen else ""
    return [
        ("no item changed" if row.unchanged else interval).ljust(14),
        change["verdict"] + (unseen if change["verdict"] == "no evidence" else ""),
    ]
