"""Splits what the target answered into errors and solved samples."""

from __future__ import annotations

from collections.abc import Container, Iterable

from lai.core.records import Completion, Error, ErrorKind, Sample, Score, Solved


def mine(
    samples: Iterable[Sample],
    completions: Iterable[Completion],
    scores: Iterable[Score],
    aside: Container[str] = (),
) -> tuple[list[Error], list[Solved]]:
    """Errors and solved samples of the pool; what the target was trained on is in neither.

    Nor is any of `aside`, the ids of samples whose references are in doubt.
    Wrong answers, missing answers and truncated responses are kept apart by `Error.error`.
    """
    sample_of = {sample.id: sample for sample in samples}
    completion_of = {completion.id: completion for completion in completions}
    errors: list[Error] = []
    solved: list[Solved] = []
    for score in scores:
        if score.seen_in_training or score.sample in aside:
            continue
        sample, completion = sample_of[score.sample], completion_of[score.parents[0]]
        if score.value == "C":
            solved.append(
                Solved(
                    parents=[completion.id],
                    sample=sample.id,
                    task=sample.task,
                    completion=completion.id,
                )
            )
        else:
            errors.append(
                Error(
                    parents=[completion.id],
                    sample=sample.id,
                    task=sample.task,
                    error=_kind(score),
                    answer=score.answer,
                    reference=sample.reference,
                    completion=completion.id,
                    explanation=score.explanation,
                )
            )
    return errors, solved


def _kind(score: Score) -> ErrorKind:
    if score.value == "I":
        return "wrong"
    return "truncated" if score.truncated else "no_answer"
