"""All that the page tells, read from the records and the metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from lai.attribution import flips, taught
from lai.core.jsonl import index, read, read_json
from lai.core.params.tasks import Task
from lai.core.records import Sample
from lai.report import doubts, effort, items, table, weaknesses
from lai.report.summary import Summary

LIBRARIES = ("torch", "transformers", "peft", "trl")
MICRO = "models/base/micro"
"""The demo's base model, which never saw a part of the demo's world."""
TUTOR = ("engine", "model")
"""What the builtin instructor takes of its section; it is rules, and has no temperature."""


@dataclass(frozen=True)
class Told:
    """What the templates render.

    `gates`: of the iterations that failed it. `tasks`: how many there are. `invented`: those that
    ask about the demo's world.
    """

    summary: Summary
    rows: list[table.Row]
    counted: list[table.Counted]
    gates: dict[str, Mapping[str, Any]]
    weaknesses: list[weaknesses.Row]
    items: dict[str, Any]
    pool: tuple[str, str] | None
    stories: Sequence[Any]
    exercises: list[effort.Counts]
    failures: list[effort.Counts]
    suspects: list[doubts.Doubt]
    accounts: list[tuple[str, Mapping[str, Any]]]
    usage: list[tuple[str, Mapping[str, Any]]]
    params: Mapping[str, Any]
    tasks: int
    invented: list[str]
    versions: dict[str, str]

    @property
    def means(self) -> list[table.Row]:
        """The means of the tests."""
        return [row for row in self.rows if row.change and not row.role]

    @property
    def asked(self) -> bool:
        """Whether the instructor gave a reply to anything."""
        return any(used[step]["replies"] for _, used in self.usage for step in effort.STEPS)

    @property
    def spent(self) -> Mapping[str, int]:
        """Replies and tokens of all that were asked, the judge and a served target among them."""
        return self._used(lambda step: step != "train")

    @property
    def paid(self) -> Mapping[str, int]:
        """Those of the instructor alone: its price is nobody else's."""
        return self._used(lambda step: step in effort.STEPS)

    def _used(self, counts: Callable[[str], bool]) -> Mapping[str, int]:
        steps = [one for _, used in self.usage for step, one in used.items() if counts(step)]
        return {key: sum(one[key] for one in steps) for key in effort.USED}

    @property
    def tutored(self) -> bool:
        """Whether it was the demo's tutor that was asked."""
        return self.asked and self.params["instructor"]["engine"] == "builtin"

    @property
    def planted(self) -> bool:
        """Whether the target is the model whose gaps were planted."""
        return str(self.params["target"]["model"]).rstrip("/").endswith(MICRO)

    def settings(self, who: str) -> dict[str, Any]:
        """The params of the target or instructor that are set and mean something for its engine."""
        given: Mapping[str, Any] = self.params[who]
        meant = TUTOR if given["engine"] == "builtin" else tuple(given)
        return {key: given[key] for key in meant if given[key] not in (None, "", [], {})}


def gather(
    folder: Path,
    metrics: Path,
    summary: Summary,
    changes: Sequence[Mapping[str, Any]],
    tasks: Mapping[str, Task],
    stories: Sequence[Any],
    params: Mapping[str, Any],
) -> Told:
    """Read what the page tells of a run.

    `folder`: data/. `metrics`: the folder of iterN.json. `stories`: of `lai.lineage.stories`.
    `params`: the sections that the page shows.
    """
    names = summary["iterations"]
    measured = [read_json(metrics / f"{name}.json") for name in names]
    pool = index(read(Sample, folder / "splits/pool.jsonl"))
    found = taught.lessons(folder, names)
    rows = taught.taught(folder, names, found, pool) if len(names) > 1 else []
    accounts = effort.accounts(folder, names)
    return Told(
        summary=summary,
        rows=table.rows(summary, measured, changes),
        counted=table.counted(names, measured),
        gates={name: read_json(folder / name / "gate.json") for name in _failed(summary)},
        weaknesses=weaknesses.weaknesses(folder, names, found, rows),
        items=items.payload(_flips(folder, names, pool), rows, tasks),
        pool=(names[1], names[-1]) if len(names) > 2 else None,
        stories=stories,
        exercises=effort.exercises(folder, names),
        failures=effort.failures(folder, names),
        suspects=doubts.doubts(folder, names, pool),
        accounts=accounts,
        usage=effort.usage(folder, accounts),
        params=params,
        tasks=len(tasks),
        invented=[name for name, task in tasks.items() if task.demo],
        versions={name: metadata.version(name) for name in LIBRARIES},
    )


def _failed(summary: Summary) -> list[str]:
    return list(summary.get("gate_failed", {}))


def _flips(folder: Path, names: Sequence[str], pool: Mapping[str, Sample]) -> list[flips.Flip]:
    held_out = [
        sample
        for name in ("dev", "test")
        for sample in read(Sample, folder / f"splits/{name}.jsonl")
    ]
    first, last = folder / names[0], folder / names[-1]
    found = flips.flips(
        held_out, flips.evaluated(first, "reeval_"), flips.evaluated(last, "reeval_")
    )
    if len(names) > 2:
        asked = flips.evaluated(folder / names[1]), flips.evaluated(last)
        found += flips.flips(pool.values(), *asked)
    return found
