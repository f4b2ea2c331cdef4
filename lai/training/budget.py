"""What the rows leave to the pairs: one budget for every objective."""

from __future__ import annotations

from collections.abc import Sequence

from lai.core.records import Pair, TrainRow

Examples = tuple[Sequence[TrainRow], Sequence[Pair]]
"""What is taught: rows, and pairs."""


def divided(rows: Sequence[TrainRow], pairs: Sequence[Pair], iteration: str) -> Examples:
    """The rows whose place no pair takes, in their order, and the pairs.

    Neither where the `iteration` has nothing new to teach: the model is carried over then, and not
    trained again on what it has had.
    """
    replaced = {pair.instead for pair in pairs}
    kept = [row for row in rows if row.id not in replaced]
    new = iteration in {row.iteration for row in kept} | {pair.iteration for pair in pairs}
    return (kept, pairs) if new else ([], [])
