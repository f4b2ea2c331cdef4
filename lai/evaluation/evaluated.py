"""What a model answers to samples and how it is judged, as the stages write it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lai import evaluation
from lai.asking.judging import Judge, open_judge, spent, transcript
from lai.core import jsonl
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import JudgeParams, TargetParams
from lai.core.params.tasks import Task
from lai.core.records import Completion, Sample, Score
from lai.core.stage import cache_path, data
from lai.engines import target as descriptors
from lai.engines.open_target import open_target
from lai.engines.store.cache import Cached
from lai.engines.target import Target


@dataclass(frozen=True)
class Evaluated:
    """Answers and scores, and who was asked for them."""

    model: Target
    completions: Sequence[Completion]
    scores: Sequence[Score]
    engine: Cached
    judge: Judge | None

    @classmethod
    def of(
        cls,
        samples: Sequence[Sample],
        folder: Path,
        tasks: dict[str, Task],
        target: TargetParams,
        judge: JudgeParams | None,
        runtime: RuntimeParams,
    ) -> Evaluated:
        """Ask the model of `folder` (models/iterN), and mark what it was trained on.

        Raises: PipelineError, see `evaluation.answer` and `evaluation.score`.
        """
        model = descriptors.read(folder)
        engine = open_target(folder, target, runtime, cache_path())
        completions = evaluation.answer(samples, engine, model, target, tasks)
        grader = open_judge(judge, runtime, cache_path())
        scores = evaluation.score(samples, completions, tasks, model.trained_on, grader)
        return cls(model, completions, scores, engine, grader)

    def write(self, iteration: str, stage: str) -> None:
        """Among the records of `iteration`, those of `reeval` with its name before theirs."""
        prefix = "" if stage == "eval" else f"{stage}_"
        jsonl.write(data(iteration, f"{prefix}completions.jsonl"), self.completions)
        jsonl.write(data(iteration, f"{prefix}scores.jsonl"), self.scores)
        heard = transcript(self.judge, self.engine)
        jsonl.write(data(iteration, f"transcripts/{stage}.jsonl"), heard)

    @property
    def spent(self) -> str:
        """What was asked, in words."""
        return spent(self.engine, self.judge)
