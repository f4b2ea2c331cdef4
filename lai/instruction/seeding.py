"""What the lessons of an iteration start from: errors, or what a baseline puts in their place."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lai.core.drawing import draw, grouped
from lai.core.jsonl import index
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.core.params.tasks import Task
from lai.core.records import Error, Sample, Seed, Solved
from lai.core.strategies import STRATEGIES, Weights, shares
from lai.instruction.clustering import of_texts
from lai.tasks.exemplars import taught_chat

LossesOf = Callable[[Sequence[str]], Mapping[str, float]]
"""The target's loss on the reference answers of samples, by their ids."""


@dataclass(frozen=True)
class Losses:
    """The losses of the model in `folder` (models/iterN) on pool samples; see `reference_losses`.

    (Kessler et al. 2025, arXiv 2512.00884: what the target finds hardest is the best seed.)
    """

    folder: str
    target: TargetParams
    runtime: RuntimeParams
    pool: Sequence[Sample]
    tasks: Mapping[str, Task]

    def __call__(self, samples: Sequence[str]) -> Mapping[str, float]:
        """Nats a token by sample id."""
        from lai.engines.hf.losses import reference_losses  # torch takes seconds to import

        known = index(self.pool)
        chats = [taught_chat(known[one], self.tasks[known[one].task]) for one in samples]
        losses = reference_losses(Path(self.folder), self.target, self.runtime, chats)
        return dict(zip(samples, losses, strict=True))


def select(
    weights: Weights,
    errors: Sequence[Error],
    solved: Sequence[Solved],
    most: int | None,
    seed: int,
    losses: LossesOf,
    texts: Mapping[str, str],
    pattern: int,
) -> list[Seed]:
    """The seeds of an iteration, as many a task as it has errors, `most` at most.

    The errors of a task are dealt out among the strategies that start from errors, by weight; a
    baseline gets as many pool questions as errors would be its share, answered rightly or not.
    `texts`: the questions by sample id; `pattern`: errors that share a lesson, where they do.
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
                if STRATEGIES[name].grouped:
                    found += _of_patterns(name, mine, texts, pattern, seed)
                else:
                    found += _of_errors(name, mine)
            else:
                wanted = _of_pool(name, answered, count, f"{seed} {task}", losses)
                found += _of_samples(name, task, wanted, group)
    return found


def _analysed(weights: Weights) -> Weights:
    """The strategies that need an analysis, at the shares that they have among themselves."""
    kept = {
        name: weight for name, weight in weights.items() if STRATEGIES[name].teaches == "exercises"
    }
    total = sum(kept.values())
    return {name: weight / total for name, weight in kept.items()}


def _of_errors(name: str, errors: Sequence[Error]) -> list[Seed]:
    return [
        Seed(
            parents=[error.id],
            strategy=name,
            task=error.task,
            sample=error.sample,
            error=error.id,
            completion=error.completion,
        )
        for error in errors
    ]


def _of_samples(
    name: str, task: str, samples: Sequence[str], errors: Sequence[Error]
) -> list[Seed]:
    """Seeds of pool questions; a `borrowed` response is that of the next error, if not its own."""
    if not STRATEGIES[name].borrowed:
        return [Seed(parents=[one], strategy=name, task=task, sample=one) for one in samples]
    found = []
    for place, sample in enumerate(samples):
        turned = [*errors[place:], *errors[:place]]
        response = next((e.completion for e in turned if e.sample != sample), None)
        if response is not None:
            parents = [sample, response]
            found.append(
                Seed(parents=parents, strategy=name, task=task, sample=sample, completion=response)
            )
    return found


def _of_patterns(
    name: str, errors: Sequence[Error], texts: Mapping[str, str], size: int, seed: int
) -> list[Seed]:
    """A seed a group of about `size` errors that are alike in question and answer.

    (After PaDA-Agent, arXiv 2510.18143.)
    """
    errors = sorted(errors, key=lambda error: error.id)
    alike = [f"{texts[error.sample]}\n{error.answer or ''}" for error in errors]
    found = []
    for group in of_texts(alike, size, seed):
        first, *others = (errors[place] for place in group)
        found.append(
            Seed(
                parents=[first.id, *(other.id for other in others)],
                strategy=name,
                task=first.task,
                sample=first.sample,
                error=first.id,
                completion=first.completion,
                others=[other.id for other in others],
            )
        )
    return found


def _of_pool(
    name: str, answered: Iterable[str], count: int, seed: str, losses: LossesOf
) -> list[str]:
    samples = sorted(answered)
    if STRATEGIES[name].seeds == "loss":
        loss = losses(samples)
        return sorted(samples, key=lambda sample: (-loss[sample], sample))[:count]
    return random.Random(f"{seed} {name}").sample(samples, min(count, len(samples)))
