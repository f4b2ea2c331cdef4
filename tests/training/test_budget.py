"""One budget for every objective: what the rows leave to the pairs."""

from __future__ import annotations

from collections.abc import Sequence

from lai.core.records import Pair, TrainRow
from lai.training.budget import divided

ROWS = [
    TrainRow(
        task="a",
        iteration=iteration,
        prompt=[{"role": "user", "content": str(number)}],
        completion=[{"role": "assistant", "content": "yes"}],
    )
    for iteration in ("iter1", "iter2")
    for number in range(5)
]


def replacing(rows: Sequence[TrainRow]) -> list[Pair]:
    return [
        Pair(
            task="a",
            iteration=row.iteration,
            instead=row.id,
            prompt=[{"role": "user", "content": "q"}],
            chosen=[{"role": "assistant", "content": "yes"}],
            rejected=[{"role": "assistant", "content": "no"}],
        )
        for row in rows
    ]


def test_without_pairs_every_row_is_taught_in_its_order() -> None:
    assert divided(ROWS, [], "iter2") == (ROWS, [])


def test_a_pair_takes_the_place_of_its_row() -> None:
    pairs = replacing([ROWS[1], ROWS[7]])
    assert divided(ROWS, pairs, "iter2") == ([*ROWS[:1], *ROWS[2:7], *ROWS[8:]], pairs)
    pairs = replacing(ROWS)
    assert divided(ROWS, pairs, "iter2") == ([], pairs)


def test_with_nothing_new_nothing_is_taught() -> None:
    assert divided(ROWS, replacing(ROWS[:2]), "iter3") == ([], [])
