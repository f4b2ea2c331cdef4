"""Batches that do not fit in memory, in halves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import torch

from lai.core.errors import PipelineError

Row = TypeVar("Row")
Result = TypeVar("Result")


def in_halves(work: Callable[[list[Row]], Iterable[Result]], rows: list[Row]) -> list[Result]:
    """What `work` makes of `rows`, a result each; of halves of them where memory runs out.

    Raises: PipelineError when a single row does not fit.
    """
    try:
        return list(work(rows))
    except torch.OutOfMemoryError:
        if len(rows) == 1:
            raise PipelineError(
                "one text does not fit in memory; take a smaller model or target.dtype, or end "
                "what else is on the device"
            ) from None
    # Outside the handler, so that the failed attempt's tensors are no longer held by it.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    half = len(rows) // 2
    return [*in_halves(work, rows[:half]), *in_halves(work, rows[half:])]
