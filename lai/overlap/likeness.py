"""Finds the held-out item whose characters are most like those of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import diags_array
from sklearn.feature_extraction.text import CountVectorizer

CHARACTERS = 5
"""Long enough to span words, so that order counts: shorter ones part copies from kin less well."""
TAIL = 2 / 3
"""How much of the least limit may lie in what is left out when items are looked for."""
BATCH = 500
"""Texts compared at once: what bounds the memory."""


class Likeness:
    """Cosines of TF-IDF over runs of five characters, among `items` and with other texts.

    The product of all texts and all items is mostly n-grams that half of them have, so only those
    pairs are computed that can matter, and of these none is missed: a text of length 1 without its
    commonest n-grams, whose norm is `tail`, loses at most `tail` of any cosine (Cauchy-Schwarz).
    N-grams that no item has weigh as little as those that all have, but they do weigh: without them
    a text of new words would be taken for the few old ones in it.
    """

    def __init__(self, items: Sequence[str]) -> None:
        self._counter = CountVectorizer(
            analyzer="char", ngram_range=(CHARACTERS, CHARACTERS), lowercase=False, dtype=np.float32
        )
        # A text with one run at least, or the vectoriser refuses a set of empty ones.
        counts = self._counter.fit_transform([*items, "#" * CHARACTERS])
        self._spread = np.bincount(counts.indices, minlength=counts.shape[1])
        self._idf = (1 + np.log1p(len(items)) - np.log1p(self._spread)).astype(np.float32)
        self._items = self._vectors(items)
        self._columns = self._items.T.tocsr()

    def nearest(self, texts: Sequence[str], limits: np.ndarray) -> list[tuple[int, float] | None]:
        """For each text the item that passes its own limit by most, and the cosine; else None.

        `limits`: a cosine for each item, greater than 0; infinite where none is ever too great.
        """
        tail = TAIL * float(limits.min())
        found: list[tuple[int, float] | None] = []
        for start in range(0, len(texts), BATCH):
            found += self._best(self._vectors(texts[start : start + BATCH]), limits, tail)
        return found

    def _vectors(self, texts: Sequence[str]) -> Any:
        """A row of length 1 for each text, less what its new n-grams take; counts times idf."""
        counts = self._counter.transform(texts)
        rows = counts @ diags_array(self._idf)
        length = np.array([max(len(text) - CHARACTERS + 1, 0) for text in texts])
        new = length - np.ravel(counts.sum(axis=1))
        norm = np.sqrt(np.ravel(rows.power(2).sum(axis=1)) + new)
        return (diags_array((1 / np.maximum(norm, 1)).astype(np.float32)) @ rows).tocsr()

    def _best(self, rows: Any, limits: np.ndarray, tail: float) -> list[tuple[int, float] | None]:
        rough = (self._rare(rows, tail) @ self._columns).tocoo()
        near = rough.data >= limits[rough.col] - tail - 1e-6
        row, item = rough.row[near], rough.col[near]
        cosine = np.asarray(rows[row].multiply(self._items[item]).sum(axis=1)).ravel()
        best: list[tuple[int, float] | None] = [None] * rows.shape[0]
        over = cosine - limits[item]
        for at in np.lexsort((-item, over)):
            if over[at] >= 0:
                best[row[at]] = int(item[at]), float(cosine[at])
        return best

    def _rare(self, rows: Any, tail: float) -> Any:
        """The rows without their commonest n-grams, as many as have a norm of `tail` at most."""
        rare = rows.copy()
        for start, stop in zip(rare.indptr[:-1], rare.indptr[1:], strict=True):
            weights = rare.data[start:stop]
            order = np.argsort(-self._spread[rare.indices[start:stop]], kind="stable")
            weights[order[np.cumsum(weights[order] ** 2) <= tail**2]] = 0
        rare.eliminate_zeros()
        return rare
