"""What is taught already, so that nothing is taught twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from lai.core.params.checks import ChecksParams
from lai.core.params.tasks import Task
from lai.core.records import SyntheticSample, TrainRow
from lai.core.text import normalized, shortened
from lai.overlap import Taught
from lai.tasks.prompting import messages

_MARK = "\N{SYMBOL FOR UNIT SEPARATOR}"
SHOWN = 80
_OPTION = re.compile(r"^[A-Z]\) (.*)$", re.MULTILINE)


class Known:
    """The questions of all rows that were taught, and of the samples accepted since.

    Compared is what a prompt asks, options included in whatever order, without what the task's
    template puts around every question: that is no likeness.
    """

    def __init__(
        self, tasks: Mapping[str, Task], params: ChecksParams, rows: Iterable[TrainRow] = ()
    ) -> None:
        self._tasks, self._params = tasks, params
        self._around = cache(self._read_around)
        texts = [self._asked(row.task, row.prompt[-1]["content"]) for row in rows]
        self._taught = Taught(params.near_duplicate, texts)

    def empty(self) -> Known:
        """Another one that knows nothing yet."""
        return Known(self._tasks, self._params)

    def add(self, sample: SyntheticSample) -> None:
        """Know `sample` from now on."""
        self._taught.add(self._question(sample))

    def repeats(self, sample: SyntheticSample) -> str:
        """Why `sample` is nothing new, or ""."""
        asked = self._question(sample)
        known = self._taught.like(asked)
        if known is None:
            return ""
        if normalized(known) == normalized(asked):
            return "the question is taught already"
        return f"nearly the same is taught already: {shortened(known, SHOWN)}"

    def _question(self, sample: SyntheticSample) -> str:
        chat = messages(sample.input, sample.choices, self._tasks[sample.task], sample.metadata)
        return self._asked(sample.task, chat[-1]["content"])

    def _asked(self, task: str, prompt: str) -> str:
        before, afters = self._around(task) if task in self._tasks else ("", [])
        text = prompt.strip().removeprefix(before)
        text = next((text.removesuffix(one) for one in afters if text.endswith(one)), text)
        options = sorted(match[1] for match in _OPTION.finditer(text))
        return "\n".join([_OPTION.sub("", text).strip(), *options])

    def _read_around(self, task: str) -> tuple[str, list[str]]:
        """What the template puts before each question; and after it, with options and without."""
        plain, optional = (
            messages(_MARK, choices, self._tasks[task], {})[-1]["content"].strip()
            for choices in ([], [_MARK, _MARK])
        )
        return plain.partition(_MARK)[0], [one.rpartition(_MARK)[2] for one in (optional, plain)]
