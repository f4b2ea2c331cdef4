"""Items that two evaluations judge differently: mended, or spoilt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lai.core.jsonl import index, read
from lai.core.records import Completion, Sample, Score


@dataclass(frozen=True)
class Flip:
    """One item that is right in one of two evaluations and not in the other."""

    sample: Sample
    fixed: bool
    before: tuple[Completion, Score]
    after: tuple[Completion, Score]


def flips(
    samples: Iterable[Sample],
    before: tuple[Iterable[Completion], Iterable[Score]],
    after: tuple[Iterable[Completion], Iterable[Score]],
) -> list[Flip]:
    """The flips among the samples that both evaluations asked, sorted by sample.

    Pool questions that the later model was trained on are left out: they show nothing.
    """
    then, now = _by_sample(before), _by_sample(after)
    found = []
    for sample in sorted(samples, key=lambda sample: sample.id):
        if sample.id not in then or sample.id not in now:
            continue
        old, new = then[sample.id], now[sample.id]
        was, is_now = old[1].value == "C", new[1].value == "C"
        if was != is_now and not new[1].seen_in_training:
            found.append(Flip(sample, is_now, old, new))
    return found


def _by_sample(
    asked: tuple[Iterable[Completion], Iterable[Score]],
) -> dict[str, tuple[Completion, Score]]:
    said = index(asked[0], key=lambda one: one.sample)
    return {one.sample: (said[one.sample], one) for one in asked[1]}


def evaluated(folder: Path, prefix: str = "") -> tuple[list[Completion], list[Score]]:
    """The answers of an evaluation and their scores; `prefix` is `reeval_` for dev and test."""
    return (
        read(Completion, folder / f"{prefix}completions.jsonl"),
        read(Score, folder / f"{prefix}scores.jsonl"),
    )
