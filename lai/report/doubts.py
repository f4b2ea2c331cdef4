"""References that were set aside, for a person to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lai.core.prompts import options
from lai.core.records import Sample
from lai.core.reviewing import Suspect, suspects


@dataclass(frozen=True)
class Doubt:
    """One pool question whose reference answer is contradicted.

    `iterations`: in which it was set aside. `answers`: those found without knowing the reference.
    """

    task: str
    question: str
    reference: str
    answers: Sequence[str]
    agree: bool
    reason: str
    iterations: Sequence[str]


def doubts(folder: Path, iterations: Sequence[str], pool: Mapping[str, Sample]) -> list[Doubt]:
    """Those of all iterations, each question once, first those whose contradictions agree."""
    found: dict[str, list[tuple[str, Suspect]]] = {}
    for name in iterations[1:]:
        for one in suspects(folder / name):
            found.setdefault(one.sample, []).append((name, one))
    told = [
        Doubt(
            task=last.task,
            question=_question(pool[sample]),
            reference=last.reference,
            answers=[solve.answer for solve in last.found],
            agree=last.agree,
            reason=last.reason,
            iterations=[name for name, _ in each],
        )
        for sample, each in sorted(found.items())
        for _, last in each[-1:]
    ]
    return sorted(told, key=lambda one: (not one.agree, one.task))


def _question(sample: Sample) -> str:
    return f"{sample.input}\n{options(sample.choices)}" if sample.choices else sample.input
