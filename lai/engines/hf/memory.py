"""Batches that do not fit in memory, in halves."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

import torch

from lai.core.errors import PipelineError

Row = TypeVar("Row")
Result = TypeVar("Result")


class Halving(Generic[Row]):
    """Works on batches, and on halves where memory runs out; what fitted is remembered, and said.

    `what`: the name of a row. `width`: the tokens that one holds in memory, with those beside it
    padded to its own. `mend`: what else helps where a single one does not fit.
    """

    def __init__(self, what: str, width: Callable[[Row], int], mend: str = "") -> None:
        self._what = what
        self._width = width
        self._mend = mend
        self._tokens = sys.maxsize

    def __call__(
        self, work: Callable[[Sequence[Row]], Iterable[Result]], rows: Sequence[Row]
    ) -> list[Result]:
        """What `work` makes of `rows`, a result each.

        Raises: PipelineError when a single row does not fit.
        """
        found: list[Result] = []
        while left := rows[len(found) :]:
            fitting = max(1, self._tokens // max(map(self._width, left)))
            found += self._tried(work, left[:fitting])
        return found

    def _tried(
        self, work: Callable[[Sequence[Row]], Iterable[Result]], rows: Sequence[Row]
    ) -> list[Result]:
        """The results; none where memory ran out, and fewer rows are to be tried."""
        widest = max(map(self._width, rows))
        try:
            return list(work(rows))
        except torch.OutOfMemoryError:
            if len(rows) == 1:
                raise PipelineError(
                    f"one {self._what} of {widest} tokens does not fit in memory; {self._mend}take "
                    "a smaller model or target.dtype, or end what else is on the device"
                ) from None
        # Outside the handler, so that the failed attempt's tensors are no longer held by it.
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        half = (len(rows) + 1) // 2
        self._tokens = min(self._tokens, half * widest)
        print(
            f"out of memory with {len(rows)} {self._what}s at a time: going on with {half} (lower "
            "runtime.batch_tokens to avoid this)",
            file=sys.stderr,
            flush=True,
        )
        return []
