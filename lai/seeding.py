"""What the lessons of an iteration start from: errors, or what a baseline puts in their place."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence

from lai.core.drawing import draw, grouped
from lai.core.records import Error, Seed, Solved
from lai.core.strategies import STRATEGIES, Weights, shares

Losses = Callable[[Sequence[str]], Mapping[str, float]]
"""The target's loss on the reference answers of samples, by their ids."""


def select(
    weights: Weights,
    errors: Sequence[Error],
    solved: Sequence[Solved],
    most: int | None,
    seed: int,
    losses: Losses,
) -> list[Seed]:
    """The seeds of an iteration, as many a task as it has errors, `most` at most.

    The errors of a task are dealt out among the strategies that start from errors, by weight; a
    baseline gets as many pool questions as errors would be its share, answered rightly or not.
    """
    found: list[Seed] = []
    errors_of, solved_of = grouped(errors), grouped(solved)
    for task, group in errors_of.items():
        chosen = draw(group, most, seed)
        random.Random(f"{seed} deal {task}").shuffle(chosen)
        answered = [one.sample for one in group] + [one.sample for one in solved_of.get(task, [])]
        for name, count in shares(_analysed(weights), len(chosen)).items():
            if STRATEGIES[name].seeds == "errors":
                mine, chosen = chosen[:count], chosen[count:]
                found += _of_errors(name, mine, seed)
            else:
                wanted = _of_pool(name, answered, count, f"{seed} {task}", losses)
                found += [
                    Seed(parents=[sample], strategy=name, task=task, sample=sample)
                    for sample in wanted
                ]
    return found


def _analysed(weights: Weights) -> Weights:
    """The strategies that need an analysis, at the shares that they have among themselves."""
    kept = {
        name: weight for name, weight in weights.items() if STRATEGIES[name].teaches == "exercises"
    }
    total = sum(kept.values())
    return {name: weight / total for name, weight in kept.items()}


def _of_errors(name: str, errors: Sequence[Error], seed: int) -> list[Seed]:
    responses = [error.completion for error in errors]
    if STRATEGIES[name].borrowed:
        responses = _moved_on(responses)
    return [
        Seed(
            parents=[error.id, *([said] if said != error.completion else [])],
            strategy=name,
            task=error.task,
            sample=error.sample,
            error=error.id,
            completion=said,
        )
        for error, said in zip(errors, responses, strict=True)
    ]


def _moved_on(responses: list[str]) -> list[str]:
    """Everybody gets the next one's; the errors are in a drawn order, so that is anybody's."""
    return responses[1:] + responses[:1]


def _of_pool(
    name: str, answered: Iterable[str], count: int, seed: str, losses: Losses
) -> list[str]:
    samples = sorted(answered)
    if STRATEGIES[name].seeds == "loss":
        loss = losses(samples)
        return sorted(samples, key=lambda sample: (-loss[sample], sample))[:count]
    return random.Random(f"{seed} {name}").sample(samples, min(count, len(samples)))
