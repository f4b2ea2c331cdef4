"""What became of some errors, as stories."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lai.core.jsonl import index, read, rows
from lai.core.prompts import options
from lai.core.records import (
    Analysis,
    Completion,
    Pair,
    Sample,
    Score,
    TrainRow,
    Verdict,
)
from lai.core.reviewing import learned_from
from lai.core.text import printable


@dataclass(frozen=True)
class Story:
    """One error from question to mended answer. `later`: the iteration that the answer is from."""

    task: str
    question: str
    reference: str
    said: str
    found: str
    taught_question: str
    taught_solution: str
    says_now: str
    later: str


def stories(folder: Path, iterations: list[str]) -> list[Story]:
    """Errors of the first iteration that a later eval answered rightly, and what was taught.

    `iterations`: iter0, iter1, ... in order. Sorted by task and error, so that a rerun tells the
    same ones. Empty when no error of iter1 was taught and mended, or iter1 was taken back.
    """
    if len(iterations) < 3:
        return []
    first = folder / iterations[1]
    given, wrong = learned_from(first)
    seeds, errors = index(given), index(wrong)
    analyses = index(read(Analysis, first / "analyses.jsonl"))
    samples = index(read(Sample, folder / "splits" / "pool.jsonl"))
    before = index(read(Completion, first / "completions.jsonl"))
    after, right, later = _last_answers(folder, iterations)
    taught: dict[str, Verdict] = {}
    # What the model that mended it was taught: of an iteration that was taken back, nothing.
    replaced = {pair.instead for pair in read(Pair, folder / later / "pairs.jsonl")}
    rows_taught = read(TrainRow, folder / later / "train.jsonl")
    kept = {row.parents[0] for row in rows_taught if row.id not in replaced}
    for verdict in read(Verdict, first / "verdicts.jsonl"):
        if verdict.id in kept:
            taught.setdefault(verdict.sample.parents[0], verdict)
    found = []
    for identity, verdict in sorted(taught.items()):
        analysis = analyses.get(identity)
        error = errors.get(seeds[analysis.seed].error or "") if analysis else None
        if analysis is None or error is None or error.sample not in right:
            continue
        sample = samples[error.sample]
        found.append(
            Story(
                task=error.task,
                question=_with_options(sample.input, sample.choices),
                reference=error.reference,
                said=before[error.completion].completion,
                found=analysis.misconception,
                taught_question=_with_options(verdict.sample.input, verdict.sample.choices),
                taught_solution=verdict.sample.solution,
                says_now=after[error.sample],
                later=later,
            )
        )
    return sorted(found, key=lambda story: story.task)


def _last_answers(folder: Path, iterations: list[str]) -> tuple[dict[str, str], set[str], str]:
    """What the last evaluated model answered to the pool, what of it was right, and its name.

    The eval of iteration N asks the model of iteration N-1.
    """
    last = folder / iterations[-1]
    completions = read(Completion, last / "completions.jsonl")
    right = {
        score.sample
        for score in read(Score, last / "scores.jsonl")
        if score.value == "C" and not score.seen_in_training
    }
    answers = {completion.sample: completion.completion for completion in completions}
    return answers, right, _taught_by(folder, iterations, completions[0].model)


def _taught_by(folder: Path, iterations: list[str], model: str) -> str:
    """The first iteration whose model this is: the one that the last one follows."""
    for name in iterations:
        for _, row in rows(folder / name / "reeval_completions.jsonl"):
            if row.get("model") == model:
                return name
            break
    return iterations[-2]


def _with_options(text: str, choices: list[str]) -> str:
    return f"{text}\n{options(choices)}" if choices else text


def tell(story: Story) -> str:
    """The story as indented text for a terminal."""
    parts = [
        (f"question ({story.task})", story.question),
        ("the model said", story.said),
        ("reference answer", story.reference),
        ("the instructor found", story.found),
        ("it taught, among others", f"{story.taught_question}\n-> {story.taught_solution}"),
        (f"after {story.later} the model says", story.says_now),
    ]
    width = max(len(label) for label, _ in parts)
    lines = []
    for label, text in parts:
        first, *rest = printable(text).split("\n")
        lines.append(f"  {label.rjust(width)}  {first}")
        lines += [f"  {'':{width}}  {line}" for line in rest]
    return "\n".join(lines)
