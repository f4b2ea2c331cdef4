"""Finds a held-out question, or the tests of one, where they stand whole within another text."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from lai.core.records import Sample
from lai.overlap import items
from lai.overlap.looks import looks
from lai.overlap.words import LONG, START

BRIEF = 8
"""Questions of fewer words, with options, are also what other questions end in."""
SPELLED = 3
"""Words in their options, of two letters at least, that tell them from those of other questions."""
LABELS = (["a"], ["1"], ["options"])
"""What stands between a question and the first of its options, where it does not itself."""

Found = tuple[str, Sample]
"""What was found, and the item that it is of."""


class _Row(NamedTuple):
    """The words that are looked for, and the texts that have to stand somewhere as well.

    `alone`: they have to be the whole question, and `options` stand in for that.
    """

    words: list[str]
    besides: Sequence[str]
    found: Found
    alone: bool = False
    options: Sequence[str] = ()


class Questions:
    """Questions, found where all their words stand in a row, whatever is before and after.

    Of a multiple-choice question the text of the right option has to be there too, for "Which of
    these is true?" is everybody's question; where that has fewer than eight words, it is found only
    as the whole question, or with all its options where these are words. Of code all asserts
    together are found as well, in any order, where they have 13 words.
    """

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._short: dict[str, list[tuple[str, Found]]] = {}
        self._starts: dict[tuple[str, ...], list[_Row]] = {}
        self._lengths: set[int] = set()
        for sample in samples:
            self._add(sample)

    def _add(self, sample: Sample) -> None:
        text, right, options = items.question(sample)
        for asked, told, *every in looks([text, right, *options]):
            self._ask(asked, " ".join(told), [" ".join(one) for one in every], sample)
        tests = sorted(items.asserts(sample), key=len)
        if sum(map(len, tests)) >= LONG and len(tests[-1]) >= START:
            others = [" ".join(test) for test in tests[:-1]]
            self._keep(_Row(tests[-1], others, ("the tests of a question", sample)))

    def _ask(self, asked: list[str], option: str, options: list[str], sample: Sample) -> None:
        found = "a question", sample
        spelled = [one for one in " ".join(options).split() if len(one) > 1 and one.isalpha()]
        told = options if len(spelled) >= SPELLED else ()
        if len(asked) < START:
            self._short.setdefault(" ".join(asked), []).append((option, found))
            if asked and option and told:
                self._keep(_Row(asked, told, found))
            return
        besides = [option] if option else []
        brief = bool(option) and len(asked) < BRIEF
        self._keep(_Row(asked, besides, found, brief, told))

    def _keep(self, row: _Row) -> None:
        start = tuple(row.words[:START])
        self._starts.setdefault(start, []).append(row)
        self._lengths.add(len(start))

    def within(
        self,
        asked: list[str],
        options: Iterable[Sequence[str]] = (),
        beside: Sequence[str] = (),
    ) -> Found | None:
        """What of which item stands in a question with its `options` and what is taught `beside`.

        All of them as words.
        """
        text = [*asked, *beside]
        told = _Told(f" {' '.join(text)} ", {" ".join(option) for option in options})
        for option, found in self._short.get(" ".join(asked), ()):
            if not option or told.all([option]):
                return found
        for start, length in itertools.product(range(len(text)), self._lengths):
            for row in self._starts.get(tuple(text[start : start + length]), ()):
                end = start + len(row.words)
                if text[start:end] == row.words and told.all(row.besides):
                    alone = start == 0 and (end == len(asked) or asked[end : end + 1] in LABELS)
                    if not row.alone or alone or (row.options and told.all(row.options)):
                        return row.found
        return None


class _Told(NamedTuple):
    """A text with a space around every word, and the options that are shown with it."""

    padded: str
    options: Collection[str]

    def all(self, texts: Iterable[str]) -> bool:
        """Whether each of `texts` stands there."""
        return all(one in self.options or f" {one} " in self.padded for one in texts)
