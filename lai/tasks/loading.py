"""Tasks: data plus a scorer plus a prompt, loaded into a pool, a dev and a test split."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lai.core import prompts
from lai.core.errors import PipelineError
from lai.core.params.schema import PrepareParams
from lai.core.params.tasks import Fields, Source, Task, TaskParams
from lai.core.records import Sample, Shelf, Split
from lai.overlap import HeldOut
from lai.tasks import exemplars
from lai.tasks.answered import answered
from lai.tasks.drawing import Draw, rank
from lai.tasks.mapping import own_id, sample_of
from lai.tasks.prompting import messages, question_text
from lai.tasks.sources import rows

DRAW = 20240629
"""Seed of the dev and test draws: they are the same for every run's seed, so runs compare."""

WANTED = {"id": ("pool", "dev", "test"), "ood": ("test",), "guard": ("dev",)}
"""The splits in which a task of each role must have items."""


@dataclass
class Splits:
    """What `prepare` found. `notes` says what was merged or dropped, for the summary line.

    `undrawn`: the rows of test sources that were not drawn, unless the task's pool is the rest of
    its test source. None of them is taught either.
    """

    pool: list[Sample] = field(default_factory=list)
    dev: list[Sample] = field(default_factory=list)
    test: list[Sample] = field(default_factory=list)
    undrawn: list[Sample] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)

    def note(self, what: str, count: int = 1) -> None:
        if count:
            self.notes[what] = self.notes.get(what, 0) + count


def load(tasks: dict[str, TaskParams], prepare: PrepareParams, seed: int) -> Splits:
    """Load every task, a row at a time. The pool draw depends on `seed`; dev and test do not.

    A pool or dev item whose normalised question stands in any test source, drawn or not, or is a
    solved example of its prompt, is dropped and counted, and so is a pool item that stands in dev,
    or that holds a dev or test question among other words: what is taught is never what is
    measured. So is a dev or test item that a solved example of any task asks or holds.

    Raises: PipelineError for a row that does not fit (file and line), a split without items, or a
    prompt that does not exist or does not render.
    """
    # Before the data, which may take long to read.
    for task in tasks.values():
        prompts.check(f"target/{task.prompt}.jinja")
        if task.scorer == "judge":
            prompts.check(f"judge/{task.rubric}.jinja")
    splits = Splits()
    held_out: set[int] = set()
    for name, task in tasks.items():
        found, rest, shown = _test(name, task, prepare, splits)
        (splits.dev if task.role == "guard" else splits.test).extend(found)
        demo = bool(task.test.builtin)
        splits.tasks[name] = task.model_copy(update={"exemplars": shown, "demo": demo})
        if task.pool is None or not task.pool.same(task.test):
            splits.undrawn += rest
        held_out |= {_key(sample) for sample in found} | exemplars.keys(shown)
    held_out |= {_key(sample) for sample in splits.undrawn}
    for name, task in tasks.items():
        if task.pool is not None:
            dev, pool = _dev_and_pool(name, task, task.pool, prepare, seed, held_out, splits)
            if task.few_shot and task.few_shot.source == "pool":
                shown, pool = exemplars.from_samples(pool, task.few_shot.shots)
                splits.tasks[name] = splits.tasks[name].model_copy(update={"exemplars": shown})
            splits.dev += dev
            splits.pool += pool
    # The dev items of every task: another one's pool may hold them too.
    apart = {_key(sample) for sample in splits.dev}
    kept = [sample for sample in splits.pool if _key(sample) not in apart]
    splits.note("pool items that stand in the dev split", len(splits.pool) - len(kept))
    measured = HeldOut([*splits.dev, *splits.test, *splits.undrawn])
    splits.pool = [one for one in kept if not measured.within(one.input, one.choices)]
    splits.note("pool items around a dev or test question", len(kept) - len(splits.pool))
    _drop_answered(splits)
    _check_splits(splits, tasks)
    _check_prompts(splits)
    return splits


def _drop_answered(splits: Splits) -> None:
    shown = [task.exemplars for task in splits.tasks.values() if task.exemplars]
    if not shown:
        return
    for split in (splits.dev, splits.test):
        found = answered(shown, split)
        split[:] = [one for one in split if one.id not in found]
        splits.note("dev or test items within a solved example", len(found))


def _text(sample: Sample) -> str:
    return question_text(sample.input, sample.choices)


def _key(sample: Sample) -> int:
    return rank(_text(sample), "")


def _test(
    name: str, task: TaskParams, prepare: PrepareParams, splits: Splits
) -> tuple[list[Sample], list[Sample], exemplars.BySubject]:
    """The test split, what of its source is not in it, and the solved examples of the prompt,
    which are in neither.
    """
    size = task.test.size or prepare.test_size
    split: Split = "dev" if task.role == "guard" else "test"
    few = task.few_shot
    shown: exemplars.BySubject = {}
    if few and few.source == "test":
        every = Draw(None, DRAW)
        for sample in _samples(name, task, task.test, split, DRAW, size, splits):
            every.add(sample, _text(sample))
        found = every.drawn()
        shown, rest = exemplars.from_samples(found, few.shots)
        splits.note("test items that are solved examples", len(found) - len(rest))
        samples: Iterator[Sample] = iter(rest)
    else:
        if few and few.source != "pool":
            shown = exemplars.from_file(few.source, few.shots)
        samples = _samples(name, task, task.test, split, DRAW, size, splits)
    examples = exemplars.keys(shown)
    drawn = Draw(size, DRAW, prepare.stratify)
    tested: list[Sample] = []
    for sample in samples:
        if _key(sample) in examples:
            splits.note("test items that are solved examples")
        else:
            tested.append(sample)
            drawn.add(sample, _text(sample))
    found = drawn.drawn()
    taken = {sample.id for sample in found}
    rest = [_moved(sample, "undrawn") for sample in tested if sample.id not in taken]
    return found, rest, shown


def _dev_and_pool(
    name: str,
    task: TaskParams,
    source: Source,
    prepare: PrepareParams,
    seed: int,
    held_out: set[int],
    splits: Splits,
) -> tuple[list[Sample], list[Sample]]:
    """Dev from its own source, or set aside from the pool: the same items for every seed."""
    size = source.size or prepare.pool_size
    dev = Draw(task.dev_size, DRAW, prepare.stratify)
    if task.dev is not None:
        for sample in _samples(name, task, task.dev, "dev", seed, task.dev_size, splits):
            if _key(sample) in held_out:
                splits.note("dev items that stand in a test split")
            else:
                dev.add(sample, _text(sample))
    apart = {_key(sample) for sample in dev.drawn()}
    pool = Draw(size, seed, prepare.stratify, spare=task.dev_size)
    count = 0
    for sample in _samples(name, task, source, "pool", seed, size, splits):
        key, text = _key(sample), _text(sample)
        if key in held_out:
            splits.note("pool items that stand in a test split")
        elif key in apart:
            splits.note("pool items that stand in the dev split")
        else:
            count += 1
            pool.add(sample, text)
            if task.dev is None:
                dev.add(sample, text)
    found = dev.drawn()
    if task.dev is not None:
        return found, pool.drawn()
    if 0 < count <= task.dev_size:
        raise PipelineError(
            f"tasks.{name}.dev_size is {task.dev_size}, but the pool has {count} rows to use, and "
            f"some must be left to find errors in; set it (default 200) below {count} in "
            "params.yaml, add rows to the pool, or give the task a `dev` source"
        )
    carved = [_moved(sample, "dev") for sample in found]
    return carved, pool.drawn(without={_key(sample) for sample in found})


def _moved(sample: Sample, split: Shelf) -> Sample:
    """In another split, and so by another id."""
    return Sample(**{**sample.model_dump(exclude={"id"}), "split": split})


def _samples(
    name: str,
    task: TaskParams,
    source: Source,
    split: Split,
    seed: int,
    size: int | None,
    splits: Splits,
) -> Iterator[Sample]:
    """Each sample once. Raises: PipelineError for an id that stands for two contents."""
    fields = Fields() if source.builtin else task.fields
    found: set[int] = set()
    named: dict[str, tuple[int, str]] = {}
    for row in rows(source, split, seed, size):
        sample = sample_of(row, name, task, fields, split)
        identity = int(sample.id.rpartition("_")[2], 16)
        own = own_id(row, fields, name)
        if own is not None:
            earlier, place = named.setdefault(own, (identity, row[0]))
            if earlier != identity:
                raise PipelineError(
                    f"{row[0]}: id {own!r} stands at {place} with other content; "
                    "give each item an id of its own, or drop tasks."
                    f"{name}.fields.id from params.yaml"
                )
        if identity in found:
            splits.note("identical rows merged")
        else:
            found.add(identity)
            yield sample


def _check_splits(splits: Splits, tasks: dict[str, TaskParams]) -> None:
    for name, task in tasks.items():
        for split in WANTED[task.role]:
            if not any(sample.task == name for sample in getattr(splits, split)):
                raise PipelineError(
                    f"task {name} has no item in its {split} split; "
                    f"check tasks.{name}.{split} and dev_size in params.yaml"
                )


def _check_prompts(splits: Splits) -> None:
    """Render one question a task, so that a wrong prompt is known before the model is loaded."""
    for sample in {
        sample.task: sample for sample in reversed([*splits.dev, *splits.test])
    }.values():
        messages(sample.input, sample.choices, splits.tasks[sample.task], sample.metadata)
