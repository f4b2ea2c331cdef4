"""One budget for every objective: what the rows leave to the pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lai.core.records import Pair, TrainRow
from lai.training import divided

ROWS = [
    TrainRow(
        task=task,
        iteration=iteration,
        prompt=[{"role": "user", "content": str(number)}],
        completion=[{"role": "assistant", "content": "yes"}],
    )
    for iteration in ("iter1", "iter2")
    for task in ("a", "b")
    for number in range(10)
]


def some_pairs(**counts: int) -> list[Pair]:
    """Pairs by iteration and task, such as `iter1_a=3`."""
    return [
        Pair(
            task=name.split("_")[1],
            iteration=name.split("_")[0],
            prompt=[{"role": "user", "content": f"pair {number}"}],
            chosen=[{"role": "assistant", "content": "yes"}],
            rejected=[{"role": "assistant", "content": "no"}],
        )
        for name, count in counts.items()
        for number in range(count)
    ]


def of(records: Sequence[TrainRow | Pair]) -> Counter[str]:
    return Counter(f"{one.iteration}_{one.task}" for one in records)


def test_without_pairs_every_row_is_taught_in_its_order() -> None:
    for objective in ("sft", "sft+dpo"):
        assert divided(ROWS, [], objective, 1, "iter2") == (ROWS, [])


def test_each_pair_takes_the_place_of_a_row_of_its_task_and_iteration() -> None:
    pairs = some_pairs(iter1_a=5, iter1_b=2, iter2_b=5)
    rows, kept = divided(ROWS, pairs, "sft+dpo", 1, "iter2")
    assert kept == pairs
    assert of(rows) + of(pairs) == of(ROWS)
    assert [row for row in ROWS if row in rows] == rows
    assert divided(ROWS, pairs, "sft+dpo", 2, "iter2")[0] != rows
    # What an iteration drew it draws again in the next one.
    first = [row for row in ROWS if row.iteration == "iter1"]
    earlier = some_pairs(iter1_a=5, iter1_b=2)
    before, _ = divided(first, earlier, "sft+dpo", 1, "iter1")
    assert before == [row for row in rows if row.iteration == "iter1"]


def test_pairs_alone_leave_no_row() -> None:
    pairs = some_pairs(iter1_a=3, iter2_a=2)
    assert divided(ROWS, pairs, "dpo", 1, "iter2") == ([], pairs)


def test_with_nothing_new_nothing_is_taught() -> None:
    assert divided(ROWS, [], "sft", 1, "iter3") == ([], [])
    assert divided(ROWS, some_pairs(iter1_a=3), "dpo", 1, "iter2") == ([], [])
