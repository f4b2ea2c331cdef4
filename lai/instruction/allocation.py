"""How a budget of samples is spread over the weaknesses that the instructor named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lai.core.record import digest
from lai.core.records import Analysis, Weakness
from lai.core.strategies import Weights, shares

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


def budgets(skills: Mapping[Lot, Sequence[Skill]], weights: Weights, budget: int) -> dict[Lot, int]:
    """What each lot is to yield: its weight's part of each task's `budget`.

    A lot without a skill to teach leaves its part to the task's others, where one has some.
    """
    parts = shares(weights, budget)
    found = dict.fromkeys(skills, 0)
    for task in dict.fromkeys(task for task, _ in skills):
        lots = [lot for lot in skills if lot[0] == task]
        willing = {lot[1]: weights[lot[1]] for lot in lots if skills[lot]}
        takers = willing or {lot[1]: weights[lot[1]] for lot in lots}
        total = sum(takers.values())
        cut = shares(
            {name: weight / total for name, weight in takers.items()},
            sum(parts[lot[1]] for lot in lots),
        )
        found |= {(task, name): count for name, count in cut.items()}
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
