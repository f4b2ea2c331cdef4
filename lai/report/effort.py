"""What the iterations cost: exercises thrown away, calls, tokens, training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lai.core.jsonl import read, read_json
from lai.core.records import Failure, Verdict

REASONS = {
    "language": "in another language than its source",
    "choices": "options not distinct, or more than one right",
    "arithmetic": "its solution miscalculates",
    "answer": "its own solution does not earn its answer",
    "stub": "its tests pass on an empty function",
    "deterministic": "its tests come out by chance",
    "solved_again": "the instructor, solving it again, finds another answer",
    "not_too_easy": "the target answers it already",
    "person": "a person rejected it",
    "not_held_out": "too like a dev or test question",
    "not_copied": "copies the question it was written for",
    "not_in_pool": "copies a pool question",
    "not_a_duplicate": "repeats another exercise",
}
"""What it means that a check failed; another check stands under its own name."""
LONGEST = 90
STEPS = ("analyze", "synthesize")
"""Those that ask the instructor."""
USED = ("replies", "prompt_tokens", "completion_tokens")
"""What of a step that asks somebody is counted, in the order of the page's columns."""


@dataclass(frozen=True)
class Counts:
    """A line of a table: what is counted, and how often in each iteration."""

    label: str
    values: list[int]


def exercises(folder: Path, iterations: Sequence[str]) -> list[Counts]:
    """Exercises accepted, and rejected by the first check that failed."""
    accepted, rejected = [], []
    for name in iterations[1:]:
        accepted.append(len(read(Verdict, folder / name / "verdicts.jsonl")))
        found = read(Verdict, folder / name / "rejected.jsonl")
        rejected.append(Counter(_reason(verdict) for verdict in found))
    return [Counts("accepted", accepted), *_lines(rejected)]


def failures(folder: Path, iterations: Sequence[str]) -> list[Counts]:
    """Replies of the instructor that could not be used, by step and reason."""
    found = []
    for name in iterations[1:]:
        both = [
            *read(Failure, folder / name / "analysis_failures.jsonl"),
            *read(Failure, folder / name / "synthesis_failures.jsonl"),
        ]
        found.append(Counter(f"{one.step}: {one.reason[:LONGEST]}" for one in both))
    return _lines(found)


def accounts(folder: Path, iterations: Sequence[str]) -> list[tuple[str, Mapping[str, Any]]]:
    """(iteration, what its exercises came to), see `lai.instruction.account`."""
    return [(name, read_json(folder / name / "synthesis.json")) for name in iterations[1:]]


def usage(
    folder: Path, found: Sequence[tuple[str, Mapping[str, Any]]]
) -> list[tuple[str, Mapping[str, Any]]]:
    """(iteration, what its steps used): calls and tokens of those asked, and of training."""
    return [
        (name, account["used"] | {"train": read_json(folder / name / "train_metrics.json")})
        for name, account in found
    ]


def _reason(verdict: Verdict) -> str:
    failed = next((check.name for check in verdict.checks if not check.passed), "unknown")
    return REASONS.get(failed, failed.replace("_", " "))


def _lines(counted: Sequence[Counter[str]]) -> list[Counts]:
    total = sum(counted, Counter[str]())
    ordered = sorted(total, key=lambda label: (-total[label], label))
    return [Counts(label, [one[label] for one in counted]) for label in ordered]
