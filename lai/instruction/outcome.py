"""What became of a round of synthesis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lai.asking import Asked
from lai.asking.judging import Judge
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import InstructorParams
from lai.core.record import Record
from lai.core.records import Failure, TrainRow, Verdict
from lai.core.reviewing import Suspect
from lai.core.text import counted, replies
from lai.engines.store.cache import Cached
from lai.instruction.account import account, reasons
from lai.instruction.findings import Findings
from lai.instruction.taught import Direct


@dataclass
class Synthesis:
    """What came of it: verdicts with their samples, failed requests, budget left unmet by task.

    `exercises`: verdicts on these; `solutions`: on those of pool questions, which `distill`
    teaches. `direct`: rows taught that are no exercises. `suspects`: questions that were to be such
    rows, and whose references are doubtful.
    """

    exercises: list[Verdict] = field(default_factory=list)
    solutions: list[Verdict] = field(default_factory=list)
    direct: list[TrainRow] = field(default_factory=list)
    suspects: list[Suspect] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    shortfall: dict[str, int] = field(default_factory=dict)
    asked: dict[str, Asked[Any]] = field(default_factory=dict)

    @property
    def verdicts(self) -> list[Verdict]:
        """All of them."""
        return [*self.exercises, *self.solutions]

    @property
    def accepted(self) -> list[Verdict]:
        """The samples to be taught."""
        return [verdict for verdict in self.verdicts if verdict.accepted]

    @property
    def rejected(self) -> list[Verdict]:
        """The samples that some check turned down; the check says why."""
        return [verdict for verdict in self.verdicts if not verdict.accepted]

    def add(self, direct: Direct) -> None:
        """Count in what came of the strategies that teach no exercises."""
        self.solutions += direct.verdicts
        self.failures += direct.failures
        self.direct += direct.rows
        self.suspects += direct.suspects
        for task, count in direct.shortfall.items():
            self.shortfall[task] = self.shortfall.get(task, 0) + count

    def files(self) -> dict[str, Sequence[Record]]:
        """What is written of it, by the name of the file."""
        return {
            "verdicts.jsonl": self.accepted,
            "rejected.jsonl": self.rejected,
            "synthesis_failures.jsonl": self.failures,
            "gold_suspects.jsonl": self.suspects,
        }

    def figures(
        self,
        found: Findings,
        instructor: InstructorParams,
        runtime: RuntimeParams,
        engine: Cached,
        judge: Judge | None,
        target: Cached | None,
    ) -> dict[str, Any]:
        """For metrics/iterN/synthesis.json, see `lai.instruction.account`.

        `target`: where a server answered for it.
        """
        price = instructor.pays(runtime.instructor.price)
        used = {"analyze": (found.used, price), "synthesize": (engine.used(), price)}
        if judge:
            used["judge"] = judge.engine.used(), runtime.judge.price
        if target:
            used["target"] = target.used(), runtime.target.price
        failures = [*found.failures, *self.failures]
        aside = len(found.suspects) + len(self.suspects)
        return account(self.accepted, self.rejected, failures, aside, used)

    def summary(self) -> str:
        """Yield, reasons of rejection and any budget left unmet, in words."""
        why = ", ".join(f"{count} {name}" for name, count in reasons(self.rejected).items())
        text = f"{len(self.verdicts)} samples, {len(self.accepted)} accepted, "
        text += f"{counted(len(self.direct), 'pool question')} taught, " if self.direct else ""
        text += f"{len(self.rejected)} rejected" + (f" ({why})" if why else "")
        if self.suspects:
            text += f", {counted(len(self.suspects), 'suspect')} set aside"
        if self.failures:
            text += f", {replies(len(self.failures))} unusable in whole or part"
        if self.shortfall:
            missing = ", ".join(f"{task} {count}" for task, count in sorted(self.shortfall.items()))
            text += f", short of the budget by {missing}"
        return text
