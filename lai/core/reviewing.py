"""Records about doubt: references set aside, and what a person said of them or of a sample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from lai.core import jsonl
from lai.core.iterations import path_to
from lai.core.record import Record
from lai.core.records import Error, Seed, SyntheticSample

FOLDER = Path("data/reviews")
"""Where decisions are kept, in git; `plan` hands each iteration its own."""

Word = Literal["accept", "reject", "edit", "right", "wrong"]
"""Of a synthetic sample: teach it, do not, teach it as edited. Of a suspect: its reference is right
and may be taught, or it is wrong."""


class Solve(BaseModel):
    """An answer that was found without knowing the reference. Empty where a program was run."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    answer: str
    request_key: str


class Suspect(Record):
    """A question whose reference answer is contradicted, and is not taught. Parent: the error, or
    what was solved.

    `agree`: whether all answers found are the same one.
    """

    kind: ClassVar[str] = "suspect"
    task: str
    sample: str
    reference: str
    found: list[Solve]
    agree: bool
    reason: str


def suspects(folder: Path) -> list[Suspect]:
    """Those of an iteration, whose records are in `folder`: of lessons, and of references taught.

    Each question once.
    """
    files = ("suspects.jsonl", "gold_suspects.jsonl")
    found = [one for name in files for one in jsonl.read(Suspect, folder / name)]
    return list({one.sample: one for one in found}.values())


def set_aside(folder: Path) -> list[Suspect]:
    """What was found doubtful in an iteration and in all before it, taken back or not."""
    files = ("aside.jsonl", "gold_suspects.jsonl")
    return [one for name in files for one in jsonl.read(Suspect, folder / name)]


def without(
    suspects: Sequence[Suspect], seeds: Sequence[Seed], errors: Sequence[Error]
) -> tuple[list[Seed], list[Error]]:
    """The seeds and errors that are left. A group of errors keeps its id and loses the suspects.

    A seed of the pool goes where its question is a suspect by the error behind another seed.
    """
    aside = {one.sample for one in suspects}
    sound = {one.id: one for one in errors if one.sample not in aside}
    kept = []
    for seed in seeds:
        behind = [one for one in (seed.error, *seed.others) if one]
        left = [sound[one] for one in behind if one in sound]
        if len(left) == len(behind):
            kept += [seed] if left or seed.sample not in aside else []
        elif left:
            first, *others = left
            changed = {
                "sample": first.sample,
                "error": first.id,
                "completion": first.completion,
                "others": [other.id for other in others],
            }
            kept.append(seed.model_copy(update=changed))
    return kept, list(sound.values())


def learned_from(folder: Path) -> tuple[list[Seed], list[Error]]:
    """The seeds and errors of an iteration as its lessons had them, see `without`."""
    aside = jsonl.read(Suspect, folder / "suspects.jsonl")
    seeds = jsonl.read(Seed, folder / "seeds.jsonl")
    return without(aside, seeds, jsonl.read(Error, folder / "errors.jsonl"))


class Edit(BaseModel):
    """A synthetic sample as a person would have it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    input: str
    choices: list[str] = []
    reference: str
    solution: str
    metadata: dict[str, Any] = {}


class Decision(Record):
    """What a person said of a synthetic sample, or of the pool sample behind a suspect. Parent: it.

    It is found by the sample's content, so it holds when the sample is written or doubted again.
    """

    kind: ClassVar[str] = "decision"
    sample: str
    word: Word
    edit: Edit | None = None


class Decisions:
    """The decisions that are in force in an iteration."""

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        self._of = {decision.sample: decision for decision in decisions}

    def word(self, sample: str) -> Word | None:
        """What was said of the sample with this id."""
        return self._of[sample].word if sample in self._of else None

    def edited(self, sample: SyntheticSample) -> SyntheticSample:
        """The sample as a person would have it, maybe edited more than once; else itself.

        An edited sample has the one that it was as its last parent.
        """
        seen = set()
        while sample.id not in seen and (edit := self._edit(sample.id)):
            seen.add(sample.id)
            sample = SyntheticSample(
                parents=[*sample.parents[:1], sample.id],
                task=sample.task,
                request_key=sample.request_key,
                **edit.model_dump(),
            )
        return sample

    def _edit(self, sample: str) -> Edit | None:
        return self._of[sample].edit if sample in self._of else None


def kept_at(iteration: str) -> Path:
    """The file that holds the decisions about `iteration`."""
    return FOLDER / f"{iteration}.jsonl"


def read(iteration: str) -> list[Decision]:
    """The decisions about `iteration`. Raises: PipelineError naming the line that is none."""
    path = kept_at(iteration)
    return jsonl.read(Decision, path) if path.exists() else []


def in_force(iteration: str, iterations: Mapping[str, str]) -> list[Decision]:
    """What was said of this iteration and of those before it, the last word on each sample.

    `iterations`: each and the one before. A pool question that is an error again needs no second
    word on its reference. Raises: PipelineError, see `read`.
    """
    last: dict[str, Decision] = {}
    for name in path_to(iteration, iterations):
        last |= {decision.sample: decision for decision in read(name)}
    return sorted(last.values(), key=lambda decision: decision.id)
