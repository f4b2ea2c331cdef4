"""DVC experiments as runs to be compared: how each is started, and what it left."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from lai.cli.revisions import read, read_json, records
from lai.core.errors import PipelineError
from lai.core.iterations import path
from lai.core.params.tasks import Task
from lai.core.records import Sample, Score, TrainRow
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


def finished(experiment: Experiment) -> bool:
    """Whether it has run, from whichever commit, and DVC's cache still holds its records.

    One whose records are gone (`dvc gc`) is removed, so that it can run again under its name.
    """
    if experiment.name not in _dvc("exp", "list", "--all-commits", "--name-only").split():
        return False
    try:
        collect([experiment])
    except PipelineError:
        _dvc("exp", "remove", experiment.name)
        return False
    return True


def _dvc(*command: str) -> str:
    done = subprocess.run([sys.executable, "-m", "dvc", *command], capture_output=True, text=True)
    if done.returncode:
        raise PipelineError(f"dvc {' '.join(command)} failed: {done.stderr.strip()}")
    return done.stdout


def collect(experiments: Sequence[Experiment]) -> tuple[list[Run], dict[str, Sample], Any]:
    """The runs and, first among them, the untaught target's; test samples by id, tasks by name.

    The untaught target stands there once a seed, since examples in its prompt may be drawn by it.

    Raises: PipelineError when an experiment's records are not in DVC's cache.
    """
    runs: list[Run] = []
    tests: dict[str, Sample] = {}
    tasks: dict[str, Task] = {}
    for experiment in experiments:
        iterations = yaml.safe_load(read("params.yaml", experiment.name))["iterations"]
        # Not what a sibling branch cost, which the compared model never saw.
        names = path(iterations)
        if not tests:
            found = records(Sample, "data/splits/test.jsonl", experiment.name)
            tests = {sample.id: sample for sample in found}
            told = read_json("data/splits/tasks.json", experiment.name)
            tasks = {name: Task.model_validate(task) for name, task in told.items()}
        last = read_json(f"data/{names[-1]}/gate.json", experiment.name)["good"]
        if not any((run.strategy, run.seed) == (VANILLA, experiment.seed) for run in runs):
            before = _scores(experiment, "iter0")
            runs.append(Run(VANILLA, experiment.seed, right(before, tests), 0, 0))
        runs.append(
            Run(
                experiment.strategy,
                experiment.seed,
                right(_scores(experiment, last), tests),
                len(records(TrainRow, f"data/{last}/train.jsonl", experiment.name)),
                sum(_tokens(experiment, name) for name in names[1:]),
            )
        )
    return runs, tests, tasks


def _scores(experiment: Experiment, iteration: str) -> list[Score]:
    return records(Score, f"data/{iteration}/reeval_scores.jsonl", experiment.name)


def _tokens(experiment: Experiment, iteration: str) -> int:
    used = [
        read_json(f"data/{iteration}/{step}_usage.json", experiment.name)
        for step in ("analysis", "synthesis")
    ]
    return sum(one["prompt_tokens"] + one["completion_tokens"] for one in used)
