"""What is taught of the pool's own questions, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from lai.core.records import Failure, Sample, TrainRow, Verdict
from lai.core.reviewing import Suspect

Taught = tuple[Sample, str, list[str]]
"""A pool question, the answer to teach, and the records that it comes from."""


@dataclass
class Direct:
    """Rows to teach, verdicts on the instructor's solutions, and what is missing by task.

    `failures`: replies that held no solution. `suspects`: questions that were not taught, since
    their references are doubtful.
    """

    rows: list[TrainRow] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    suspects: list[Suspect] = field(default_factory=list)
    shortfall: dict[str, int] = field(default_factory=dict)
