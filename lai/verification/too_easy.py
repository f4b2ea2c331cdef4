"""Whether the target answers an exercise rightly already, and has nothing to learn from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lai import evaluation
from lai.asking.judging import Judge
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.core.params.tasks import Task
from lai.core.records import Sample, SyntheticSample
from lai.engines import stand_in, target
from lai.engines.base import Exchange
from lai.engines.open_target import open_target
from lai.engines.store.cache import Cached


@dataclass(frozen=True)
class Student:
    """The target that `iteration` left; opened when it is asked something."""

    iteration: str
    params: TargetParams
    runtime: RuntimeParams
    tasks: dict[str, Task]
    cache: Path
    judge: Judge | None = None

    @cached_property
    def engine(self) -> Cached:
        """Who answers, with the store of replies in front."""
        return open_target(self._folder, self.params, self.runtime, self.cache)

    @property
    def _folder(self) -> str:
        return f"models/{self.iteration}"

    def _model(self) -> target.Target:
        """Its descriptor; in a rehearsal one that nobody has trained yet will do."""
        if stand_in.of("target") is None or Path(self._folder).exists():
            return target.read(self._folder)
        return target.Target(
            iteration=self.iteration, base=self.params.model, base_fingerprint=self.iteration
        )

    @property
    def served(self) -> Cached | None:
        """Its engine where a server answers for it and was asked: such questions are calls."""
        asked = self.params.engine == "openai" and self.engine.asked + self.engine.cached
        return self.engine if asked else None

    def transcript(self) -> Iterator[Exchange]:
        """What it was asked and replied, where a server answers for it."""
        return self.engine.transcript()

    def solves(self, samples: Sequence[SyntheticSample]) -> list[str]:
        """For each sample that it answers rightly that it does, else ""."""
        if not samples:
            return []
        asked = [
            Sample(
                task=one.task,
                split="pool",
                input=one.input,
                choices=one.choices,
                reference=one.reference,
                metadata=one.metadata,
            )
            for one in samples
        ]
        said = evaluation.answer(asked, self.engine, self._model(), self.params, self.tasks)
        scores = evaluation.score(asked, said, self.tasks, grader=self.judge)
        right = {score.sample for score in scores if score.value == "C"}
        return ["the target answers it rightly already" if a.id in right else "" for a in asked]
