"""Stratified draws from a stream, in memory that depends on the draw and not on the stream."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Container

from lai.core.records import Sample


class Draw:
    """The `size` samples of a stream with the lowest ranks, every subject with its share.

    A sample's rank is a hash of the seed and its text: it depends on neither the order of the
    stream nor on what else is in it. `size` None keeps all. Memory: `size` samples a subject, and
    `spare` more, of which some may be left out at the end.
    """

    def __init__(
        self, size: int | None, seed: int | str, stratify: bool = False, spare: int = 0
    ) -> None:
        self._size, self._seed, self._stratify = size, seed, stratify
        self._capacity = None if size is None else size + spare
        self._kept: dict[str, list[tuple[int, str, int, Sample]]] = {}
        self._seen: dict[str, int] = {}

    def add(self, sample: Sample, text: str) -> None:
        """Consider a sample; `text` is the normalised question that it is ranked by."""
        subject = str(sample.metadata.get("subject", "")) if self._stratify else ""
        self._seen[subject] = self._seen.get(subject, 0) + 1
        heap = self._kept.setdefault(subject, [])
        # heapq pops the smallest, and the highest rank is to go first.
        entry = (-rank(text, self._seed), sample.id, rank(text, ""), sample)
        if self._capacity is None or len(heap) < self._capacity:
            heapq.heappush(heap, entry)
        elif entry > heap[0]:
            heapq.heapreplace(heap, entry)

    def drawn(self, without: Container[int] = ()) -> list[Sample]:
        """The draw, sorted by id, without the texts (at most `spare`) whose `rank(text, "")` is in
        `without`.
        """
        left: dict[str, list[tuple[int, str, int, Sample]]] = {}
        seen = dict(self._seen)
        for subject, heap in self._kept.items():
            left[subject] = [entry for entry in heap if entry[2] not in without]
            seen[subject] -= len(heap) - len(left[subject])
        shares = _shares(seen, self._size)
        chosen = [
            entry[-1]
            for subject, heap in left.items()
            for entry in sorted(heap, reverse=True)[: shares[subject]]
        ]
        return sorted(chosen, key=lambda sample: sample.id)


def rank(text: str, seed: int | str) -> int:
    """A number below 2**64 that looks random and depends on text and seed alone."""
    return int.from_bytes(hashlib.blake2b(f"{seed}\0{text}".encode(), digest_size=8).digest())


def _shares(seen: dict[str, int], size: int | None) -> dict[str, int]:
    """How many of each subject: proportional, what is left to the largest remainders."""
    total = sum(seen.values())
    if size is None or size >= total:
        return dict(seen)
    exact = {subject: size * count / total for subject, count in seen.items()}
    shares = {subject: int(share) for subject, share in exact.items()}
    by_remainder = sorted(exact, key=lambda subject: (shares[subject] - exact[subject], subject))
    for subject in by_remainder[: size - sum(shares.values())]:
        shares[subject] += 1
    return shares
