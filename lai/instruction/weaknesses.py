"""The weaknesses behind the analyses: alike skills are one, and some weigh more than others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lai.core.records import Analysis, Error, Seed, Weakness
from lai.instruction.clustering import of_names

Lessons = tuple[Sequence[Seed], Sequence[Error]]
"""What the lessons of an iteration started from, and all of its errors."""


def find(analyses: Sequence[Analysis], seeds: Sequence[Seed], distance: float) -> list[Weakness]:
    """The weaknesses of each task and strategy; `distance` as of `clustering.of_names`."""
    size = {one.id: 1 + len(one.others) for one in seeds}
    lots: dict[tuple[str, str], list[Analysis]] = {}
    for analysis in sorted(analyses, key=lambda analysis: analysis.id):
        lots.setdefault((analysis.task, analysis.strategy), []).append(analysis)
    found = []
    for (task, strategy), group in sorted(lots.items()):
        named: dict[str, list[Analysis]] = {}
        for analysis, name in zip(
            group, of_names([one.skill for one in group], distance), strict=True
        ):
            named.setdefault(name, []).append(analysis)
        found += [
            Weakness(
                parents=[one.id for one in mine],
                task=task,
                strategy=strategy,
                skill=name,
                errors=sum(size[one.seed] for one in mine),
            )
            for name, mine in sorted(named.items())
        ]
    return found


def weigh(
    weaknesses: Sequence[Weakness],
    spread: str,
    analyses: Sequence[Analysis],
    now: Lessons,
    before: Lessons,
) -> Mapping[str, float]:
    """What share of the budget each weakness has a claim to, by its id.

    `spread`: `proportional` to its errors; `uniform`; or `unresolved`, by those of its errors whose
    samples a lesson was about `before`, an iteration ago, as errors. A task and strategy in which
    none is left unresolved is spread by its errors.
    """
    if spread == "uniform":
        return {one.id: 1.0 for one in weaknesses}
    claims = {one.id: float(one.errors) for one in weaknesses}
    if spread == "proportional":
        return claims
    seed_of = {analysis.id: analysis.seed for analysis in analyses}
    samples_of = _samples(*now)
    taught = {sample for samples in _samples(*before).values() for sample in samples}
    left = {
        one.id: float(
            sum(
                sample in taught
                for analysis in one.parents
                for sample in samples_of[seed_of[analysis]]
            )
        )
        for one in weaknesses
    }
    open_lots = {(one.task, one.strategy) for one in weaknesses if left[one.id]}
    return {
        one.id: left[one.id] if (one.task, one.strategy) in open_lots else claims[one.id]
        for one in weaknesses
    }


def _samples(seeds: Sequence[Seed], errors: Sequence[Error]) -> dict[str, list[str]]:
    """The samples whose errors a seed is about, by its id: none of one that is about no error."""
    sample_of = {error.id: error.sample for error in errors}
    return {
        one.id: [one.sample, *(sample_of[other] for other in one.others)] if one.error else []
        for one in seeds
    }
