"""How a budget of samples is spread over the weaknesses that the instructor named."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lai.core.params.tasks import Task
from lai.core.record import digest
from lai.core.records import Analysis, Error, Solved, Weakness
from lai.core.strategies import STRATEGIES, Weights, shares

Lot = tuple[str, str]
"""A task and a strategy."""


@dataclass
class Skill:
    """One weakness: its analyses, its claim, how often it was asked about and what came."""

    name: str
    analyses: list[Analysis]
    weight: float = 1.0
    asked: int = 0
    accepted: int = 0
    gave_nothing: bool = False


def skills_of(
    lot: Lot,
    weaknesses: Iterable[Weakness],
    analyses: Mapping[str, Analysis],
    weights: Mapping[str, float],
    seed: int,
) -> list[Skill]:
    """The skills of a task and strategy, those of greatest weight first; ties drawn by `seed`.

    `analyses` and `weights`: by the ids of analyses and weaknesses. What has no weight is left out.
    """
    skills = [
        Skill(one.skill, [analyses[parent] for parent in one.parents], weights[one.id])
        for one in weaknesses
        if (one.task, one.strategy) == lot and weights[one.id] > 0
    ]
    return sorted(skills, key=lambda skill: (-skill.weight, digest([seed, skill.name])))


def lessons(
    weaknesses: Iterable[Weakness],
    claims: Mapping[str, float],
    errors: Iterable[Error],
    solved: Iterable[Solved],
) -> set[Lot]:
    """The tasks and strategies that have something to teach.

    A weakness with a claim for exercises; otherwise a pool question, answered rightly where the
    target's own answers are taught.
    """
    right = {one.task for one in solved}
    asked = right | {one.task for one in errors}
    return {(one.task, one.strategy) for one in weaknesses if claims[one.id] > 0} | {
        (task, name)
        for name, strategy in STRATEGIES.items()
        if strategy.teaches != "exercises"
        for task in (right if strategy.teaches == "solved" else asked)
    }


def budgets(
    weights: Weights, tasks: Mapping[str, Task], able: Container[Lot], budget: int
) -> dict[Lot, int]:
    """What each strategy is to yield of each in-domain task: its weight's part of `budget`.

    One that is not `able`, for want of a lesson, leaves its part to the task's others, by their
    weights; where none is able each is left with its own.
    """
    found: dict[Lot, int] = {}
    for task in (name for name, task in tasks.items() if task.role == "id"):
        takers = {name: one for name, one in weights.items() if (task, name) in able} or weights
        total = sum(takers.values())
        parts = shares({name: one / total for name, one in takers.items()}, budget)
        found |= {(task, name): parts.get(name, 0) for name in weights}
    return found


def allocate(skills: Sequence[Skill], budget: int, most: int | None) -> list[tuple[Skill, int]]:
    """Spread `budget` over the skills by weight, counting what they have been given already.

    With `most` each skill gets up to so many in turn, the heaviest first, until the budget is
    spent, and then as many again: few skills are taught well before others are taught at all. A
    skill that yielded nothing when it was last asked gets no more.
    """
    willing = [skill for skill in skills if not skill.gave_nothing]
    if not willing or budget <= 0:
        return []
    given = _in_turn(willing, budget, most) if most else _by_weight(willing, budget)
    return [(skill, count) for skill, count in zip(willing, given, strict=True) if count]


def _by_weight(skills: Sequence[Skill], budget: int) -> list[int]:
    whole = budget + sum(skill.accepted for skill in skills)
    total = sum(skill.weight for skill in skills)
    # A skill that has more than its share already, since others failed to take theirs, waits.
    needs = {
        str(place): max(0.0, whole * skill.weight / total - skill.accepted)
        for place, skill in enumerate(skills)
    }
    needed = sum(needs.values())
    parts = shares({place: need / needed for place, need in needs.items()}, budget)
    return [parts[str(place)] for place in range(len(skills))]


def _in_turn(skills: Sequence[Skill], budget: int, most: int) -> list[int]:
    given = [0] * len(skills)
    ceiling = most
    while budget:
        for place, skill in enumerate(skills):
            room = min(budget, ceiling - skill.accepted - given[place])
            if room > 0:
                given[place] += room
                budget -= room
        ceiling += most
    return given
