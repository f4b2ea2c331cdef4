"""Near-duplicates among what is taught, over all iterations."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from lai.overlap.words import Run, runs, words

if TYPE_CHECKING:
    from datasketch import MinHash, MinHashLSH

SHINGLE = 3
"""Words of a shingle: one word changed changes three of them."""
FEWEST = 8
"""Shorter texts are duplicates only when they are equal: a changed number is most of them."""
PERMUTATIONS = 128


class Taught:
    """Texts that are taught, and which of them a new one nearly equals.

    Texts are compared as sets of word shingles, numbers among them: "What is 37 + 45?" and "What
    is 38 + 45?" are two exercises. MinHash LSH (Broder 1997) says which earlier texts may be alike,
    and their Jaccard similarity decides: nothing below `threshold` is found. Equal texts are found
    whatever the threshold, and they alone where it is None.

    Give it questions and not prompts, whose instructions every one has in common.
    """

    def __init__(self, threshold: float | None, texts: Iterable[str] = ()) -> None:
        self._threshold = threshold
        self._equal: dict[str, str] = {}
        self._texts: list[str] = []
        self._shingles: list[frozenset[Run]] = []
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Remember `text` as taught."""
        asked = words(text)
        self._equal.setdefault(" ".join(asked), text)
        if self._threshold is not None and len(asked) >= FEWEST:
            shingles = frozenset(runs(asked, SHINGLE))
            self._index.insert(len(self._texts), self._sketch(shingles))
            self._texts.append(text)
            self._shingles.append(shingles)

    def like(self, text: str) -> str | None:
        """The earlier text that `text` equals, or the nearest one when it is near enough."""
        asked = words(text)
        equal = self._equal.get(" ".join(asked))
        if equal is not None or self._threshold is None or len(asked) < FEWEST:
            return equal
        shingles = frozenset(runs(asked, SHINGLE))
        near = {one: self._shingles[one] for one in self._index.query(self._sketch(shingles))}
        alike = {one: len(shingles & other) / len(shingles | other) for one, other in near.items()}
        score, nearest = max(((alike[one], -one) for one in alike), default=(0.0, 0))
        return self._texts[-nearest] if score >= self._threshold else None

    def _sketch(self, shingles: frozenset[Run]) -> MinHash:
        sketch: MinHash = self._empty.copy()
        sketch.update_batch([" ".join(shingle).encode() for shingle in shingles])
        return sketch

    # Made when they are needed: datasketch brings scipy, for which not every stage should wait.
    @cached_property
    def _empty(self) -> MinHash:
        from datasketch import MinHash

        return MinHash(PERMUTATIONS)

    @cached_property
    def _index(self) -> MinHashLSH:
        from datasketch import MinHashLSH

        # To miss one is worse than to look at one too many, which the similarity puts right.
        return MinHashLSH(self._threshold, PERMUTATIONS, weights=(0.1, 0.9))
