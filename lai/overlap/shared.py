"""Finds which held-out items share runs of words with a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from lai.overlap.words import Run, runs, worded

BOILERPLATE = 10
"""Runs in more items of a task than this are its wording (Brown et al. 2020, appendix C)."""

Passages = Sequence[Sequence[str]]
"""The words of a text, passage by passage: no run goes from one option into the next."""
Numbers = NDArray[np.int64]


class Runs:
    """The runs of `length` words of many items, and which of them a text shares.

    Boilerplate is ignored: what more than ten items of a task have in common, or more than half of
    them where it has few, for it is the instruction above every question. `key` says when two runs
    are the same.
    """

    def __init__(
        self,
        items: Sequence[Passages],
        tasks: Sequence[str],
        length: int,
        key: Callable[[Run], Run] = lambda run: run,
    ) -> None:
        self._length, self._key = length, key
        # Hashes (64 bits, of this process) in arrays: a tenth of what sets of words would take.
        each = [self._distinct(item) for item in items]
        hashes = np.concatenate([*each, np.empty(0, np.int64)])
        item = np.repeat(np.arange(len(items)), [len(one) for one in each])
        common = _boilerplate(hashes, np.array(tasks, str)[item], tasks)
        self._boilerplate = frozenset(hashes[common].tolist())
        self.sizes = np.bincount(item[~np.isin(hashes, hashes[common])], minlength=len(items))
        """How many runs each item has, without boilerplate."""
        hashes, item = hashes[~common], item[~common]
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._items = hashes[order], item[order]

    def shared(self, text: Passages) -> tuple[Numbers, Numbers, int]:
        """The items that share runs with `text`, how many each, and how many runs `text` has."""
        mine = self._distinct(text)
        mine = mine[[one not in self._boilerplate for one in mine.tolist()]]
        found = [self._items[a:b] for a, b in zip(*self._places(mine), strict=True) if a < b]
        items, counts = np.unique(
            np.concatenate([*found, np.empty(0, np.int64)]), return_counts=True
        )
        return items, counts, len(mine)

    def first(self, text: Passages) -> tuple[int, Run] | None:
        """The first run of `text` that an item has too, with that item.

        A run that is boilerplate for more than half of it says as little as boilerplate does, and
        so does one that is numbers and signs for more than two thirds of it.
        """
        for passage in text:
            hashed = self._hashed(passage)
            start, stop = self._places(hashed)
            for at in np.flatnonzero(start < stop).tolist():
                run = tuple(passage[at : at + self._length])
                own = self._own(passage)[at : at + self._length]
                if worded(run, 3) and 2 * sum(own) >= self._length:
                    return int(self._items[start[at]]), run
        return None

    def without_boilerplate(self, text: Passages) -> list[str]:
        """The words of `text` that stand in no run of boilerplate."""
        return [word for passage in text for word in compress(passage, self._own(passage))]

    def _places(self, hashed: Numbers) -> tuple[Numbers, Numbers]:
        """Where the items that have each run begin and end in `_items`."""
        return np.searchsorted(self._hashes, hashed), np.searchsorted(self._hashes, hashed, "right")

    def _own(self, passage: Sequence[str]) -> list[bool]:
        """For each word, whether it stands in no run of boilerplate."""
        own = [True] * len(passage)
        for start, hashed in enumerate(self._hashed(passage).tolist() if self._boilerplate else ()):
            if hashed in self._boilerplate:
                own[start : start + self._length] = [False] * self._length
        return own

    def _hashed(self, passage: Sequence[str]) -> Numbers:
        found = (hash(self._key(run)) for run in runs(passage, self._length))
        return np.fromiter(found, np.int64)

    def _distinct(self, text: Passages) -> Numbers:
        return np.unique(np.concatenate([*map(self._hashed, text), np.empty(0, np.int64)]))


def _boilerplate(
    hashes: Numbers, task: NDArray[np.str_], tasks: Sequence[str]
) -> NDArray[np.bool_]:
    """For each hash of an item of `task` (each once an item), whether it is boilerplate."""
    common = np.zeros(len(hashes), bool)
    for name in sorted(set(tasks)):
        mine = task == name
        values, counts = np.unique(hashes[mine], return_counts=True)
        most = min(BOILERPLATE, max(tasks.count(name) // 2, 2))
        common[mine] = np.isin(hashes[mine], values[counts > most])
    return common
