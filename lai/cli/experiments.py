"""DVC experiments as runs to be compared: how each is started, and what it left."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lai.core import jsonl
from lai.core.errors import PipelineError
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
        """What `dvc` is given: a run in a folder of its own, that leaves the workspace alone."""
        settings = ["-S", f"strategy={self.value}", "-S", f"seed={self.seed}"]
        return ["exp", "run", "--temp", "--name", self.name, *settings]


def finished() -> set[str]:
    """The names of the experiments that have run from the present commit."""
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "exp", "list", "--name-only"], capture_output=True, text=True
    )
    if done.returncode:
        raise PipelineError(f"dvc exp list failed: {done.stderr.strip()}")
    return {line.strip() for line in done.stdout.splitlines()}


def collect(experiments: Sequence[Experiment]) -> tuple[list[Run], dict[str, Sample], Any]:
    """The runs and, first among them, the untaught target's; test samples by id, tasks by name.

    Raises: PipelineError when an experiment's records are no longer in DVC's cache.
    """
    runs: list[Run] = []
    tests: dict[str, Sample] = {}
    tasks: dict[str, Task] = {}
    for experiment in experiments:
        summary = json.loads(_read(experiment, "metrics/summary.json"))
        if not tests:
            found = _records(experiment, Sample, "data/splits/test.jsonl")
            tests = {sample.id: sample for sample in found}
            told = json.loads(_read(experiment, "data/splits/tasks.json"))
            tasks = {name: Task.model_validate(task) for name, task in told.items()}
        *_, last = summary["iterations"]
        last = json.loads(_read(experiment, f"data/{last}/gate.json"))["good"]
        if not any(run.strategy == VANILLA for run in runs):
            before = _scores(experiment, "iter0")
            runs.append(Run(VANILLA, experiment.seed, right(before, tests), 0, 0))
        runs.append(
            Run(
                experiment.strategy,
                experiment.seed,
                right(_scores(experiment, last), tests),
                sum(
                    1 for line in _read(experiment, f"data/{last}/train.jsonl").split("\n") if line
                ),
                sum(_tokens(experiment, name) for name in summary["iterations"][1:]),
            )
        )
    return runs, tests, tasks


def _scores(experiment: Experiment, iteration: str) -> list[Score]:
    return _records(experiment, Score, f"data/{iteration}/reeval_scores.jsonl")


def _tokens(experiment: Experiment, iteration: str) -> int:
    used = [
        json.loads(_read(experiment, f"data/{iteration}/{step}_usage.json"))
        for step in ("analysis", "synthesis")
    ]
    return sum(one["prompt_tokens"] + one["completion_tokens"] for one in used)


def _records(experiment: Experiment, kind: type[Any], path: str) -> list[Any]:
    return [
        jsonl.parse(kind, json.loads(line), f"{experiment.name}:{path}:{number}")
        for number, line in enumerate(_read(experiment, path).split("\n"), 1)
        if line.strip()
    ]


def _read(experiment: Experiment, path: str) -> str:
    import dvc.api

    try:
        text: str = dvc.api.read(path, rev=experiment.name)
    except Exception as error:  # DVC raises what its storage, git or parser do
        raise PipelineError(
            f"{path} of experiment {experiment.name} cannot be read "
            f"({type(error).__name__}: {' '.join(str(error).split())[:200]}); remove the "
            f"experiment (dvc exp remove {experiment.name}) and compare again"
        ) from None
    return text
