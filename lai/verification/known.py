"""What is taught already, so that nothing is taught twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lai.core.params.checks import ChecksParams
from lai.core.params.tasks import Task
from lai.core.records import SyntheticSample, TrainRow
from lai.core.text import normalized
from lai.tasks.prompting import messages


class Known:
    """The questions of all rows that were taught, and of the samples accepted since."""

    def __init__(
        self, tasks: Mapping[str, Task], params: ChecksParams, rows: Iterable[TrainRow] = ()
    ) -> None:
        self._tasks, self._params = tasks, params
        self._prompts = {normalized(row.prompt[-1]["content"]) for row in rows}

    def empty(self) -> Known:
        """Another one that knows nothing yet."""
        return Known(self._tasks, self._params)

    def add(self, sample: SyntheticSample) -> None:
        """Know `sample` from now on."""
        self._prompts.add(self._prompt(sample))

    def repeats(self, sample: SyntheticSample) -> dict[str, str]:
        """By the check's name why `sample` is nothing new, or ""."""
        if not self._params.duplicate:
            return {}
        twice = self._prompt(sample) in self._prompts
        return {"not_a_duplicate": "the question is taught already" if twice else ""}

    def _prompt(self, sample: SyntheticSample) -> str:
        chat = messages(sample.input, sample.choices, self._tasks[sample.task], sample.metadata)
        return normalized(chat[-1]["content"])
