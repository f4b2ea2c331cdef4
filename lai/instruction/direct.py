"""Baselines that teach pool questions themselves: gold answers, the instructor's, the target's."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from lai.asking.judging import Judge
from lai.core.drawing import grouped
from lai.core.params.schema import InstructorParams, SynthesizeParams
from lai.core.params.tasks import Task
from lai.core.records import Error, Message, Sample, Solved, TrainRow
from lai.core.reviewing import Decisions, Suspect
from lai.core.strategies import STRATEGIES
from lai.engines.base import Engine
from lai.instruction.allocation import Lot
from lai.instruction.distill import Checks, Distiller
from lai.instruction.material import Material
from lai.instruction.taught import Direct, Taught
from lai.overlap import HeldOut, Text
from lai.tasks.exemplars import teachable, worked
from lai.tasks.prompting import messages

Examine = Callable[[Sequence[Error | Solved]], list[Suspect]]
"""What was answered, of that whose references are doubtful."""

Answered = Mapping[str, Error | Solved]
"""What became of pool questions, by sample id."""


@dataclass
class Source:
    """Where the rows come from; `material` holds the pool and what the target answered.

    `examine`: asked about references before they are taught as they are, a person's word with it.
    `checks`: see `Distiller`.
    """

    material: Material
    tasks: Mapping[str, Task]
    engine: Engine
    instructor: InstructorParams
    params: SynthesizeParams
    seed: int
    judge: Judge | None = None
    decisions: Decisions = field(default_factory=Decisions)
    held_out: HeldOut | None = None
    examine: Examine | None = None
    checks: Checks = lambda _: ()

    def teach(
        self,
        parts: Mapping[Lot, int],
        errors: Sequence[Error],
        solved: Sequence[Solved],
        iteration: str,
    ) -> Direct:
        """The rows of the strategies that teach no exercises, as many as `parts` says.

        Questions are drawn from all that the target answered, rightly or not (`solved` strategies:
        rightly), a task at a time, and none is taken twice. What a person called wrong is noted
        among the suspects, drawn or not: whatever else teaches what was answered leaves it out.
        """
        result = Direct()
        direct = [lot for lot in parts if STRATEGIES[lot[1]].teaches != "exercises"]
        errors_of, solved_of = grouped(errors), grouped(solved)
        for task in sorted({task for task, _ in direct}):
            group: list[Error | Solved] = [*errors_of.get(task, []), *solved_of.get(task, [])]
            answered = {one.sample: one for one in group}
            samples = (self.material.samples[one] for one in answered)
            free = sorted(one.id for one in samples if not self._held(one, worked(one)))
            for lot in (lot for lot in direct if lot[0] == task):
                kind = STRATEGIES[lot[1]].teaches
                random.Random(f"{self.seed} {iteration} {task} {lot[1]}").shuffle(free)
                drawn = self._drawn(kind, free, answered, parts[lot], result)
                rows = [self._row(*one, iteration) for one in drawn]
                taken = {row.parents[-1] for row in rows} | {one.sample for one in result.suspects}
                free = [sample for sample in free if sample not in taken]
                result.rows += rows
                missing = parts[lot] - len(rows)
                if missing:
                    result.shortfall[task] = result.shortfall.get(task, 0) + missing
        noted = {one.sample for one in result.suspects}
        result.suspects += self._called_wrong(noted, [*errors, *solved])
        return result

    def _called_wrong(self, noted: set[str], answered: list[Error | Solved]) -> list[Suspect]:
        called = [one for one in answered if self.decisions.word(one.sample) == "wrong"]
        left = [one for one in called if one.sample not in noted]
        return self.examine(left) if self.examine and left else []

    def _held(self, sample: Sample, text: str) -> str:
        """Why a pool question, with what is taught of it, is too like a dev or test item."""
        return self.held_out.copied(Text.of(sample, text)) if self.held_out else ""

    def _drawn(
        self, kind: str, free: list[str], answered: Answered, count: int, result: Direct
    ) -> list[Taught]:
        samples = [self.material.samples[one] for one in free]
        if kind == "gold":
            sound = self._sound([*filter(teachable, samples)], answered, count, result)
            return [(sample, worked(sample), []) for sample in sound]
        samples = [one for one in samples if self.decisions.word(one.id) != "wrong"]
        if kind == "solved":
            return list(islice(self._own(samples, answered), count))
        return self._distiller(samples, count, result)

    def _sound(
        self, waiting: list[Sample], answered: Answered, count: int, result: Direct
    ) -> list[Sample]:
        """The first `count` whose references nobody doubts: others come in place of suspects, in
        `max_rounds` rounds at most, or who doubts all would be asked about the whole pool."""
        sound: list[Sample] = []
        for _ in range(self.params.max_rounds):
            size = count - len(sound)
            drawn, waiting = waiting[:size], waiting[size:]
            if not drawn:
                break
            found = self.examine([answered[one.id] for one in drawn]) if self.examine else []
            result.suspects += found
            aside = {one.sample for one in found}
            sound += [one for one in drawn if one.id not in aside]
        return sound

    def _own(self, samples: Sequence[Sample], answered: Answered) -> Iterator[Taught]:
        """What the target answered rightly: it may run on into a question that is held out."""
        for sample in samples:
            if isinstance(answered[sample.id], Solved):
                said = self.material.completions[answered[sample.id].completion]
                if not self._held(sample, said.taught):
                    yield sample, said.taught, [said.id]

    def _row(self, sample: Sample, text: str, parents: list[str], iteration: str) -> TrainRow:
        """The last parent is the pool sample: the target has seen it from then on."""
        answer: Message = {"role": "assistant", "content": text}
        return TrainRow(
            parents=[*parents, sample.id],
            task=sample.task,
            iteration=iteration,
            prompt=self._chat(sample),
            completion=[answer],
        )

    def _chat(self, sample: Sample) -> list[Message]:
        return messages(sample.input, sample.choices, self.tasks[sample.task], sample.metadata)

    @cached_property
    def _distiller(self) -> Distiller:
        return Distiller(
            self.tasks,
            self.engine,
            self.instructor,
            self.params,
            self.seed,
            self.judge,
            self.decisions,
            self.held_out,
            self.checks,
        )
