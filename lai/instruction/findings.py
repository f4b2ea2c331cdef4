"""What the stages before `synthesize` found out about an iteration, without what is set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lai.core import jsonl
from lai.core.params.schema import SynthesizeParams
from lai.core.params.tasks import Task
from lai.core.records import Analysis, Error, Failure, Seed, Solved, Weakness
from lai.core.reviewing import Suspect, without
from lai.core.stage import data
from lai.core.strategies import Weights
from lai.instruction.allocation import Lot, budgets, lessons
from lai.instruction.material import Material
from lai.instruction.weaknesses import Lessons, weigh


@dataclass(frozen=True)
class Findings:
    """Seeds and errors are those without suspects; `before`: those of the iteration before.

    `used`: replies and tokens that it took.
    """

    analyses: Sequence[Analysis]
    failures: Sequence[Failure]
    seeds: Sequence[Seed]
    errors: Sequence[Error]
    solved: Sequence[Solved]
    weaknesses: Sequence[Weakness]
    suspects: Sequence[Suspect]
    before: Lessons
    used: Mapping[str, int]

    @classmethod
    def read(cls, iteration: str, previous: str) -> Findings:
        """Those of `iteration`, which starts from the model of `previous`."""
        doubtful = jsonl.read(Suspect, data(iteration, "suspects.jsonl"))
        now, old = (
            (
                jsonl.read(Seed, data(one, "seeds.jsonl")),
                jsonl.read(Error, data(one, "errors.jsonl")),
            )
            for one in (iteration, previous)
        )
        seeds, errors = without(doubtful, *now)
        return cls(
            analyses=jsonl.read(Analysis, data(iteration, "analyses.jsonl")),
            failures=jsonl.read(Failure, data(iteration, "analysis_failures.jsonl")),
            seeds=seeds,
            errors=errors,
            solved=jsonl.read(Solved, data(iteration, "solved.jsonl")),
            weaknesses=jsonl.read(Weakness, data(iteration, "weaknesses.jsonl")),
            suspects=doubtful,
            before=old,
            used=jsonl.read_json(data(iteration, "analysis_usage.json")),
        )

    @property
    def answered(self) -> tuple[Sequence[Error], Sequence[Solved]]:
        """What the target answered, wrongly and rightly."""
        return self.errors, self.solved

    def shares(
        self, weights: Weights, tasks: Mapping[str, Task], params: SynthesizeParams
    ) -> tuple[Mapping[str, float], dict[Lot, int]]:
        """The claims of the weaknesses, by id, and what each task and strategy is to yield.

        See `weaknesses.weigh` and `allocation.budgets`. `weights`: the iteration's strategies.
        """
        now = (self.seeds, self.errors)
        claims = weigh(self.weaknesses, params.spread, self.analyses, now, self.before)
        able = lessons(self.weaknesses, claims, self.errors, self.solved)
        return claims, budgets(weights, tasks, able, params.budget)

    def sources(self, material: Material) -> dict[str, str]:
        """The question behind each analysis, which its exercises are written for."""
        sample_of = {seed.id: seed.sample for seed in self.seeds}
        return {one.id: material.question(sample_of[one.seed]) for one in self.analyses}
