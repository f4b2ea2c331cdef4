"""How a budget of samples is spread over the weaknesses that the instructor named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lai.core.records import Analysis, digest
from lai.core.text import normalized


@dataclass
class Skill:
    """One weakness: the analyses that name it, how often it was asked about and what came."""

    name: str
    analyses: list[Analysis]
    asked: int = 0
    accepted: int = 0
    gave_nothing: bool = False


def skills_of(lot: tuple[str, str], analyses: Iterable[Analysis], seed: int) -> list[Skill]:
    """The skills of a task and strategy, those with most analyses first; ties drawn by `seed`."""
    groups: dict[str, list[Analysis]] = {}
    for analysis in sorted(analyses, key=lambda analysis: analysis.id):
        if (analysis.task, analysis.strategy) == lot:
            groups.setdefault(normalized(analysis.skill), []).append(analysis)
    skills = [Skill(name, group) for name, group in groups.items()]
    return sorted(skills, key=lambda skill: (-len(skill.analyses), digest([seed, skill.name])))


def allocate(skills: Sequence[Skill], budget: int, most: int | None) -> list[tuple[Skill, int]]:
    """Give each skill up to `most` samples in turn until `budget` is spent, then go round again.

    Without `most` the budget is spread evenly. A skill that yielded nothing when it was last asked
    gets no more.
    """
    willing = [skill for skill in skills if not skill.gave_nothing]
    if not willing or budget <= 0:
        return []
    step = most or -(-budget // len(willing))
    given = dict.fromkeys(range(len(willing)), 0)
    ceiling = step
    while budget:
        for position, skill in enumerate(willing):
            room = min(budget, ceiling - skill.accepted - given[position])
            if room > 0:
                given[position] += room
                budget -= room
        ceiling += step
    return [(skill, given[position]) for position, skill in enumerate(willing) if given[position]]
