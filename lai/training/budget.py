"""What the rows leave to the pairs: one budget for every objective."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from lai.core.records import Pair, TrainRow


def divided(
    rows: Sequence[TrainRow],
    pairs: Sequence[Pair],
    objective: Literal["sft", "dpo", "sft+dpo"],
    seed: int,
    iteration: str,
) -> tuple[Sequence[TrainRow], Sequence[Pair]]:
    """The rows that stay beside the pairs, in their order, and the pairs.

    Under `sft+dpo` each pair takes the place of a row of its task and iteration, drawn with `seed`;
    where errors are few, more rows stay, so that as much is taught. Under `dpo` none stays.

    Neither rows nor pairs where the `iteration` has nothing new to teach: the model is carried
    over then, and not trained again on what it has had.
    """
    kept = [] if objective == "dpo" else _beside(rows, pairs, seed)
    new = iteration in {row.iteration for row in kept} | {pair.iteration for pair in pairs}
    return (kept, pairs) if new else ([], [])


def _beside(rows: Sequence[TrainRow], pairs: Sequence[Pair], seed: int) -> list[TrainRow]:
    taken = Counter((pair.iteration, pair.task) for pair in pairs)
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        groups.setdefault((row.iteration, row.task), []).append(row.id)
    dropped: set[str] = set()
    for (iteration, task), ids in sorted(groups.items()):
        rng = random.Random(f"{seed} rows {iteration} {task}")
        dropped.update(rng.sample(sorted(ids), min(len(ids), taken[iteration, task])))
    return [row for row in rows if row.id not in dropped]
