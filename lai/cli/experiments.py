"""DVC experiments as runs to be compared: how each is started, and what it left."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import yaml

from lai.cli.revisions import Revision
from lai.core.errors import PipelineError
from lai.core.iterations import BASE, path
from lai.core.params.tasks import Task
from lai.core.records import Sample, Score
from lai.report.comparison import VANILLA, Run, right


@dataclass(frozen=True)
class Experiment:
    """A run of one strategy with one seed; `value` is the strategy as `-S` takes it."""

    name: str
    strategy: str
    seed: int
    value: str

    @property
    def command(self) -> list[str]:
        """What `dvc` is given: a run in a folder of its own, that leaves the workspace alone.

        The strategy is taken out and put in again: `-S strategy={...}` would be merged into a
        mapping that stands in params.yaml.
        """
        settings = ["~strategy", f"+strategy={self.value}", f"seed={self.seed}"]
        return [
            *("exp", "run", "--temp", "--name", self.name),
            *(part for one in settings for part in ("-S", one)),
        ]


def listed() -> set[str]:
    """The names of all experiments, from whichever commit. Raises: PipelineError as DVC does."""
    return set(_dvc("exp", "list", "--all-commits", "--name-only").split())


def remove(experiment: Experiment) -> None:
    """Forget an experiment, so that it can run again under its name."""
    _dvc("exp", "remove", experiment.name)


def _dvc(*command: str) -> str:
    done = subprocess.run([sys.executable, "-m", "dvc", *command], capture_output=True, text=True)
    if done.returncode:
        raise PipelineError(f"dvc {' '.join(command)} failed: {done.stderr.strip()}")
    return done.stdout


class Collection:
    """The runs of a comparison as they are read, each once.

    `runs`: also the untaught target's, once a seed, since examples in its prompt may be drawn by
    it. `tests`: the test samples by id; `tasks`: by name.
    """

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.tests: dict[str, Sample] = {}
        self.tasks: dict[str, Task] = {}

    def add(self, experiment: Experiment) -> None:
        """Read what an experiment left. Raises: PipelineError when a record of it is missing."""
        found = Revision(experiment.name)
        iterations = yaml.safe_load(found.text("params.yaml"))["iterations"]
        # Not what a sibling branch cost, which the compared model never saw.
        names = path(iterations)
        last = found.json(f"data/{names[-1]}/gate.json")["good"]
        if not self.tests:
            tests = found.records(Sample, "data/splits/test.jsonl")
            self.tests = {sample.id: sample for sample in tests}
            told = found.json("data/splits/tasks.json")
            self.tasks = {name: Task.model_validate(task) for name, task in told.items()}
        taught = Run(
            experiment.strategy,
            experiment.seed,
            self._right(found, last),
            sum(1 for _ in found.lines(f"data/{last}/train.jsonl")),
            sum(_tokens(found, name) for name in names[1:]),
        )
        if not any((run.strategy, run.seed) == (VANILLA, experiment.seed) for run in self.runs):
            self.runs.append(Run(VANILLA, experiment.seed, self._right(found, BASE), 0, 0))
        self.runs.append(taught)

    def _right(self, found: Revision, iteration: str) -> dict[str, float]:
        return right(found.records(Score, f"data/{iteration}/reeval_scores.jsonl"), self.tests)


def _tokens(found: Revision, iteration: str) -> int:
    return int(found.json(f"data/{iteration}/synthesis.json")["tokens"])
