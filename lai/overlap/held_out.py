"""Whether a text is too like a dev or test item to be taught."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lai.core.params.overlap import OverlapParams
from lai.core.records import Sample, SyntheticSample
from lai.overlap.items import solution
from lai.overlap.looks import looks
from lai.overlap.shared import Passages, Runs
from lai.overlap.whole import Questions
from lai.overlap.words import LONG, numberless, words

if TYPE_CHECKING:
    from lai.overlap.likeness import Likeness

SHORT = 8
"""Words in a run whose share is measured."""
SHOWN = 100
"""Characters of a text that a reason shows."""


class Text(NamedTuple):
    """What may be taught: a question of `task` with its options, and what is taught beside it.

    `tests`: of code, which some prompts show.
    """

    task: str
    question: str
    choices: Sequence[str] = ()
    solution: str = ""
    tests: Sequence[str] = ()

    @classmethod
    def of(cls, sample: Sample | SyntheticSample, solution: str) -> Text:
        """What is taught where `sample` is, with that solution."""
        tests = [str(test) for test in sample.metadata.get("tests") or ()]
        return cls(sample.task, sample.input, sample.choices, solution, tests)


class HeldOut:
    """Dev and test samples, and what is too like one of them to be taught.

    In this order: a question of theirs, or the tests of one, that stand whole in a text; 13 words
    in a row that they have too, code in its canonical solution; and, as far as `limits` says for
    the task of the item, the share of runs of eight words and the likeness of characters. The first
    two are never switched off, and look into the solution as well, where a question could hide.
    The others compare questions with their options, and not with those of items that are `undrawn`.
    """

    def __init__(
        self, samples: Iterable[Sample], limits: Mapping[str, OverlapParams] | None = None
    ) -> None:
        every = list(samples)
        self._samples = [one for one in every if one.split != "undrawn"]
        # Last, so that an index into these is one into all.
        self._every = self._samples + [one for one in every if one.split == "undrawn"]
        known = limits or {}
        self._limits = [known.get(one.task, OverlapParams()) for one in self._samples]
        self._questions = Questions(self._every)

    def within(self, text: str, options: Iterable[str] = ()) -> bool:
        """Whether `text`, a question with its `options`, holds one of the questions whole."""
        return any(
            self._questions.within(asked, shown) for asked, *shown in looks([text, *options])
        )

    def copied(self, text: Text) -> str:
        """Why `text` is a copy, by what cannot be switched off; "" when it is none."""
        parts = [text.question, *text.choices, text.solution, *text.tests]
        seen = looks(parts)
        for asked, *besides in seen:
            # A question may be asked without its options, the right one told in the solution.
            beside = list(itertools.chain(*besides))
            found = self._questions.within(asked, besides[: len(text.choices)], beside)
            if found is not None:
                what, sample = found
                return f"it holds {what} of {_place(sample)}: {_shown(sample.input)}"
        shared = self._long.first(list(dict.fromkeys(map(tuple, itertools.chain(*seen)))))
        if shared is None:
            return ""
        item, run = shared
        return f"it has {LONG} words in a row of {_place(self._every[item])}: {' '.join(run)}"

    def found(self, texts: Sequence[Text]) -> list[str]:
        """Why each of `texts` must not be taught; "" where nothing speaks against it."""
        reasons = [self.copied(text) or self._alike_in_words(text) for text in texts]
        left = [index for index, reason in enumerate(reasons) if not reason]
        alike = self._alike_in_characters([texts[at] for at in left])
        for index, reason in zip(left, alike, strict=True):
            reasons[index] = reason
        return reasons

    def _alike_in_words(self, text: Text) -> str:
        """By the share of runs of the shorter of both, where it has 13 words at least."""
        if all(limit.share is None for limit in self._limits):
            return ""
        items, counts, size = self._runs.shared(_passages(text.question, text.choices))
        best: tuple[float, int] | None = None
        for item, count in zip(items.tolist(), counts.tolist(), strict=True):
            limit = self._limits[item].share
            least = min(size, int(self._runs.sizes[item]))
            if limit is not None and least > LONG - SHORT and count / least >= limit:
                best = max(best or (0.0, 0), (count / least, -item))
        return self._reason("share", -best[1], best[0]) if best else ""

    def _alike_in_characters(self, texts: Sequence[Text]) -> list[str]:
        """By the cosine of their runs of characters."""
        limits = [np.inf if limit.cosine is None else limit.cosine for limit in self._limits]
        if not texts or min(limits, default=np.inf) == np.inf:
            return [""] * len(texts)
        plain = [self._plain(_passages(text.question, text.choices)) for text in texts]
        found = self._characters.nearest(plain, np.array(limits))
        return [self._reason("cosine", *best) if best else "" for best in found]

    def _reason(self, measure: str, item: int, value: float) -> str:
        sample, limit = self._samples[item], getattr(self._limits[item], measure)
        how = {
            "share": f"it has {value:.0%} of the runs of {SHORT} words of",
            "cosine": f"it is like, with a cosine of {value:.2f} by characters,",
        }[measure]
        key = f"tasks.{sample.task}.overlap.{measure} is {limit:g}"
        return f"{how} a question of {_place(sample)} ({key}): {_shown(sample.input)}"

    def _plain(self, text: Passages) -> str:
        return " ".join(self._runs.without_boilerplate(text))

    @cached_property
    def _passages(self) -> list[Passages]:
        return [_passages(sample.input, sample.choices) for sample in self._every]

    @cached_property
    def _long(self) -> Runs:
        told = [
            [*itertools.chain(*looks([one.input, *sorted(one.choices)])), solution(one)]
            for one in self._every
        ]
        # What items are counted by, to know boilerplate: a task's tests, and its dev items.
        groups = [f"{one.task} {one.split == 'dev'}" for one in self._every]
        return Runs(told, groups, LONG)

    @cached_property
    def _runs(self) -> Runs:
        groups = [f"{one.task} {one.split}" for one in self._samples]
        return Runs(self._passages[: len(groups)], groups, SHORT, numberless)

    @cached_property
    def _characters(self) -> Likeness:
        # Here alone, for it costs a stage that compares nothing the start of sklearn.
        from lai.overlap.likeness import Likeness

        measured = self._passages[: len(self._samples)]
        return Likeness([self._plain(text) for text in measured])


def _passages(question: str, choices: Sequence[str]) -> Passages:
    """Options in one order, whatever the order they are shown in."""
    return [words(question), *sorted(map(words, choices))]


def _place(sample: Sample) -> str:
    if sample.split == "undrawn":
        return f"the test rows of {sample.task} that were not drawn"
    return f"the {sample.split} split of {sample.task}"


def _shown(text: str) -> str:
    return textwrap.shorten(text, SHOWN, placeholder=" ...")
