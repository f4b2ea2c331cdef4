"""Finds a held-out question, or the tests of one, where they stand whole within another text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lai.core.records import Sample
from lai.overlap import items
from lai.overlap.words import LONG, START, words

Found = tuple[str, Sample]
"""What was found, and the item that it is of."""


class Questions:
    """Questions, found where all their words stand in a row, whatever is before and after.

    Of a multiple-choice question the text of the right option has to be there too, for "Which of
    these is true?" is everybody's question. Of code all asserts together are found as well, in any
    order, where they have 13 words.
    """

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._short: dict[tuple[str, str], Found] = {}
        self._starts: dict[tuple[str, ...], list[tuple[list[str], list[str], Found]]] = {}
        for sample in samples:
            self._add(sample)

    def _add(self, sample: Sample) -> None:
        text, right = items.question(sample)
        found = "a question", sample
        asked, option = words(text), " ".join(words(right))
        if len(asked) < START:
            self._short.setdefault((" ".join(asked), option), found)
        else:
            self._keep(asked, [option] if option else [], found)
        tests = sorted(items.asserts(sample), key=len)
        if sum(map(len, tests)) >= LONG and len(tests[-1]) >= START:
            others = [" ".join(test) for test in tests[:-1]]
            self._keep(tests[-1], others, ("the tests of a question", sample))

    def _keep(self, row: list[str], besides: list[str], found: Found) -> None:
        """It is found by the words of `row`, where the texts of `besides` stand as well."""
        self._starts.setdefault(tuple(row[:START]), []).append((row, besides, found))

    def within(self, text: Sequence[str], options: Iterable[str] = ()) -> Found | None:
        """What of which item stands in `text`, a question's words, with its `options`."""
        shown = {" ".join(words(option)) for option in options}
        whole = " ".join(text)
        for option in ("", *sorted(shown)):
            if (whole, option) in self._short:
                return self._short[whole, option]
        padded = f" {whole} "
        for start in range(len(text) - START + 1):
            for row, besides, found in self._starts.get(tuple(text[start : start + START]), ()):
                if list(text[start : start + len(row)]) == row and all(
                    one in shown or f" {one} " in padded for one in besides
                ):
                    return found
        return None
