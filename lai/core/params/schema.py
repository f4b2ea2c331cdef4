"""The strict models behind params.yaml: what may stand in it, and the defaults."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from lai.core import strategies
from lai.core.params.checks import ChecksParams, SuspectsParams
from lai.core.params.models import NO_JUDGE as NO_JUDGE
from lai.core.params.models import InstructorParams as InstructorParams
from lai.core.params.models import JudgeParams as JudgeParams
from lai.core.params.models import TargetParams as TargetParams
from lai.core.params.runtime import RuntimeParams
from lai.core.params.section import Name, Positive, Section
from lai.core.params.tasks import TaskParams
from lai.core.params.training import TrainParams


class PrepareParams(Section):
    """How many items of each split to use; null takes all. Drawn with the run's seed (pool).

    `stratify`: every subject of a task gets its share of a draw.
    """

    pool_size: Positive | None = None
    test_size: Positive | None = None
    stratify: bool = True


class EvalParams(Section):
    """`sample`: how many pool items a task to answer in each iteration; null answers all."""

    sample: Positive | None = None


class ContrastParams(Section):
    """Nearest solved samples shown beside an error, when the strategy asks for them.

    `embedder`: what near means: `tfidf`, the `target`'s own hidden states, or a
    `sentence_transformer`, whose `model` is a Hub id or a folder.
    """

    k: Positive = 3
    embedder: Literal["tfidf", "target", "sentence_transformer"] = "tfidf"
    model: str | None = None

    @model_validator(mode="after")
    def _named(self) -> ContrastParams:
        if (self.embedder == "sentence_transformer") != bool(self.model):
            raise ValueError("`embedder: sentence_transformer` and `model` go together")
        return self


class AnalyzeParams(Section):
    """What the instructor is asked about.

    `max_errors`: how many errors a task and iteration. `errors_per_pattern`: about how many errors
    share a lesson under strategy `patterns`. `skill_distance`: how far apart two names of a skill
    may be and still be one weakness; at 0 they are equal. `suspects`: which references are set
    aside as contradicted; null looks for none.
    """

    max_errors: Positive | None = None
    errors_per_pattern: Positive = 5
    skill_distance: Annotated[float, Field(ge=0, le=1)] = 0.5
    suspects: SuspectsParams | None = SuspectsParams()


class SynthesizeParams(Section):
    """`budget`: accepted samples a task and iteration, the same for every strategy.

    `spread`: how it is cut among the weaknesses found, see `lai.instruction.weaknesses.weigh`.
    `min_yield`: the share of what was written that has to be accepted, or the stage stops.
    `suspects`: which references are set aside before a baseline teaches them as they are; null
    sets none aside.
    """

    budget: Positive = 300
    spread: Literal["proportional", "uniform", "unresolved"] = "proportional"
    samples_per_request: Positive = 5
    max_samples_per_skill: Positive | None = None
    max_rounds: Positive = 4
    min_yield: Annotated[float, Field(ge=0, le=1)] = 0.05
    checks: ChecksParams = ChecksParams()
    suspects: SuspectsParams | None = SuspectsParams()


class SandboxParams(Section):
    """The limits of each generated program, and whether the full sandbox is required.

    `seconds` of wall time; `memory` and `output` in bytes; `processes`, threads included.
    `require`: `auto` takes the best there is; `bwrap` runs nothing without it.
    """

    seconds: Annotated[float, Field(gt=0)] = 3.0
    memory: Positive = 1 << 30
    output: Positive = 1 << 20
    processes: Positive = 32
    require: Literal["auto", "bwrap"] = "auto"


class GateParams(Section):
    """Whether an iteration may stand, by the dev split alone.

    `max_regression`: the fall of a task's accuracy that is borne (a share); a greater one fails
    when a paired test finds it `significance`. `action`: `mark` says so and goes on; `revert` has
    the next iteration start from the last good one, without the failed one's data.
    """

    max_regression: Annotated[float, Field(ge=0, le=1)] = 0.02
    significance: Annotated[float, Field(gt=0, lt=1)] = 0.05
    action: Literal["mark", "revert"] = "mark"


LAST_SEED = 2**32 - 1
"""The greatest that training takes: numpy's generator has seeds of 32 bits."""
IterationName = Annotated[str, StringConstraints(pattern=r"^iter[0-9]+$")]


class Params(Section):
    """The whole of params.yaml."""

    seed: Annotated[int, Field(ge=0, le=LAST_SEED)]
    strategy: Annotated[Any, BeforeValidator(strategies.check)] = "le"
    iterations: dict[IterationName, IterationName]
    target: TargetParams
    instructor: InstructorParams = InstructorParams()
    judge: JudgeParams | None = None
    sandbox: SandboxParams = SandboxParams()
    tasks: dict[Name, TaskParams]
    prepare: PrepareParams = PrepareParams()
    eval: EvalParams = EvalParams()
    contrast_pairs: ContrastParams = ContrastParams()
    analyze: AnalyzeParams = AnalyzeParams()
    synthesize: SynthesizeParams = SynthesizeParams()
    train: TrainParams = TrainParams()
    gate: GateParams = GateParams()
    runtime: RuntimeParams = RuntimeParams()

    @model_validator(mode="after")
    def _chain(self) -> Params:
        if not self.iterations:
            raise ValueError("iterations is empty; write iterations: {iter1: iter0}")
        for iteration, previous in self.iterations.items():
            if previous != "iter0" and previous not in self.iterations:
                raise ValueError(
                    f"iterations.{iteration} follows {previous}, which does not exist; "
                    f"add {previous} or follow one of iter0, {', '.join(self.iterations)}"
                )
            seen = {iteration}
            while previous != "iter0":
                if previous in seen:
                    raise ValueError(f"iterations.{iteration} follows itself")
                seen.add(previous)
                previous = self.iterations.get(previous, "iter0")
        try:
            plan = strategies.planned(self.strategy, self.iterations)
        except ValueError as error:
            raise ValueError(f"strategy: {error}") from None
        blind = [name for name, weights in plan.items() if not strategies.from_errors(weights)]
        if blind and self.train.objective == "dpo":
            raise ValueError(
                "train.objective: dpo takes its pairs from errors, and the strategy of "
                f"{blind[0]}, {strategies.label(plan[blind[0]])}, looks at none; choose le, or sft"
            )
        if "iter0" in self.iterations:
            raise ValueError("iterations.iter0 is the base model and follows nothing; remove it")
        if not any(task.role == "id" for task in self.tasks.values()):
            raise ValueError("tasks: none has role: id, so there is no pool to find errors in")
        open_ended = [name for name, task in self.tasks.items() if task.scorer == "judge"]
        if open_ended and self.judge is None:
            raise ValueError(f"tasks.{open_ended[0]} has `scorer: judge`; {NO_JUDGE}")
        return self
