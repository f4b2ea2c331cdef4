"""Tasks: data plus a scorer plus a prompt, loaded into a pool, a dev and a test split."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lai.core.drawing import draw
from lai.core.errors import PipelineError
from lai.core.params.schema import Fields, PrepareParams, Source, TaskParams
from lai.core.records import Sample, Split
from lai.scorers import SCORERS
from lai.tasks.prompting import messages, question_text
from lai.tasks.sources import rows

DRAW = 20240629
"""Seed of the dev and test draws: they are the same for every run's seed, so runs compare."""


@dataclass
class Splits:
    """What `prepare` found. `notes` says what was merged or dropped, for the summary line."""

    pool: list[Sample] = field(default_factory=list)
    dev: list[Sample] = field(default_factory=list)
    test: list[Sample] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)

    def note(self, what: str, count: int) -> None:
        if count:
            self.notes[what] = self.notes.get(what, 0) + count


def load(tasks: dict[str, TaskParams], prepare: PrepareParams, seed: int) -> Splits:
    """Load every task. The pool draw depends on `seed`; dev and test do not.

    A pool or dev item whose normalised question stands in any test split is dropped and counted,
    and so is a pool item that stands in dev: what is taught is never what is measured.

    Raises: PipelineError for a row that does not fit (file and line), a split without items, or a
    prompt that does not exist or does not render.
    """
    splits = Splits()
    for name, task in tasks.items():
        size = task.test.size or prepare.test_size
        splits.test += draw(_samples(name, task, task.test, "test", seed, size, splits), size, DRAW)
    tested = {_text(sample) for sample in splits.test}
    for name, task in tasks.items():
        if task.pool is None:
            continue
        size = task.pool.size or prepare.pool_size
        pool = _samples(name, task, task.pool, "pool", seed, size, splits)
        pool = _without(pool, tested, splits, "pool items that stand in a test split")
        if task.dev is None:
            dev, pool = _carve(pool, task.dev_size)
        else:
            dev = _samples(name, task, task.dev, "dev", seed, task.dev_size, splits)
            dev = draw(dev, task.dev_size, DRAW)
            dev = _without(dev, tested, splits, "dev items that stand in a test split")
        splits.dev += dev
        held_out = {_text(sample) for sample in dev}
        pool = _without(pool, held_out, splits, "pool items that stand in the dev split")
        splits.pool += draw(pool, size, seed)
    _check_splits(splits, tasks)
    _check_prompts(splits, tasks)
    return splits


def _text(sample: Sample) -> str:
    return question_text(sample.input, sample.choices)


def _samples(
    name: str,
    task: TaskParams,
    source: Source,
    split: Split,
    seed: int,
    size: int | None,
    splits: Splits,
) -> list[Sample]:
    fields = Fields() if source.builtin else task.fields
    found: dict[str, Sample] = {}
    named: dict[str, tuple[str, str]] = {}
    merged = 0
    for where, row in rows(source, split, seed, size):
        sample = _sample(where, row, name, task, fields, split)
        if fields.id:
            own = str(_column(row, fields.id, where, name))
            earlier, place = named.setdefault(own, (sample.id, where))
            if earlier != sample.id:
                raise PipelineError(
                    f"{where}: id {own!r} stands at {place} with other content; "
                    "give each item an id of its own, or drop tasks."
                    f"{name}.fields.id from params.yaml"
                )
        merged += sample.id in found
        found[sample.id] = sample
    splits.note("identical rows merged", merged)
    return [found[identity] for identity in sorted(found)]


def _sample(
    where: str, row: dict[str, Any], name: str, task: TaskParams, fields: Fields, split: Split
) -> Sample:
    text = _column(row, fields.input, where, name)
    if not isinstance(text, str) or not text.strip():
        raise PipelineError(f"{where}: {fields.input!r} is empty or no text")
    column = fields.choices or ("choices" if "choices" in row else None)
    choices = _column(row, column, where, name) if column else []
    if not isinstance(choices, list) or not all(isinstance(choice, str) for choice in choices):
        raise PipelineError(f"{where}: {column!r} is no list of texts")
    raw = _column(row, fields.reference, where, name)
    metadata = dict(row.get("metadata") or {})
    try:
        reference, solution = SCORERS[task.scorer].reference(str(raw), choices)
    except ValueError as error:
        raise PipelineError(f"{where}: {fields.reference!r} does not parse: {error}") from None
    if solution or row.get("solution"):
        metadata["solution"] = solution or row["solution"]
    if task.scorer == "code":
        metadata["tests"] = _column(row, fields.tests or "tests", where, name)
    return Sample(
        task=name, split=split, input=text, choices=choices, reference=reference, metadata=metadata
    )


def _column(row: dict[str, Any], column: str, where: str, task: str) -> Any:
    if column not in row:
        raise PipelineError(
            f"{where} has no {column!r} (it has {', '.join(sorted(row))}); "
            f"check tasks.{task}.fields in params.yaml"
        )
    return row[column]


def _carve(pool: list[Sample], size: int) -> tuple[list[Sample], list[Sample]]:
    """Set `size` items aside as dev by a hash of their text: the same ones for every seed."""
    ordered = sorted(pool, key=lambda sample: hashlib.sha256(_text(sample).encode()).digest())
    dev = [
        Sample(**{**sample.model_dump(exclude={"id"}), "split": "dev"}) for sample in ordered[:size]
    ]
    return dev, ordered[size:]


def _without(samples: Iterable[Sample], texts: set[str], splits: Splits, what: str) -> list[Sample]:
    samples = list(samples)
    kept = [sample for sample in samples if _text(sample) not in texts]
    splits.note(what, len(samples) - len(kept))
    return kept


def _check_splits(splits: Splits, tasks: dict[str, TaskParams]) -> None:
    for name, task in tasks.items():
        wanted = ("pool", "dev", "test") if task.role == "id" else ("test",)
        for split in wanted:
            if not any(sample.task == name for sample in getattr(splits, split)):
                raise PipelineError(
                    f"task {name} has no item in its {split} split; "
                    f"check tasks.{name}.{split} and dev_size in params.yaml"
                )


def _check_prompts(splits: Splits, tasks: dict[str, TaskParams]) -> None:
    """Render one question a task, so that a wrong prompt is known before the model is loaded."""
    first = {sample.task: sample for sample in reversed(splits.test)}
    for name, sample in first.items():
        messages(sample.input, sample.choices, tasks[name])
