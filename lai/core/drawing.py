"""Seeded draws that do not depend on the order of what they draw from."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Protocol, TypeVar


class OfTask(Protocol):
    """A record that belongs to a task."""

    @property
    def id(self) -> str: ...
    @property
    def task(self) -> str: ...


T = TypeVar("T", bound=OfTask)


def seed_of(iteration: str, seed: int) -> int:
    """Another seed for each iteration: what is asked again in a later one is drawn anew."""
    return 1000 * seed + int(iteration.removeprefix("iter"))


def grouped(records: Iterable[T]) -> dict[str, list[T]]:
    """Records by task, tasks in alphabetical order, records by id."""
    groups: dict[str, list[T]] = {}
    for record in sorted(records, key=lambda record: (record.task, record.id)):
        groups.setdefault(record.task, []).append(record)
    return groups


def draw(records: Iterable[T], size: int | None, seed: int | str) -> list[T]:
    """`size` records of each task, drawn with `seed`; all of them when `size` is None."""
    return [
        record
        for task, group in grouped(records).items()
        for record in (
            group
            if size is None or size >= len(group)
            else random.Random(f"{seed} {task}").sample(group, size)
        )
    ]
