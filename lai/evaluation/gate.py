"""Whether an iteration may stand: no dev score fell too far since the one it started from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from lai.core.params.schema import GateParams
from lai.core.params.tasks import Task
from lai.core.record import digest
from lai.core.records import Sample, Score
from lai.statistics import mcnemar


@dataclass(frozen=True)
class Check:
    """One task's dev split, on the same items: accuracies from 0 to 1, and the paired test's p."""

    task: str
    before: float
    after: float
    fixed: int
    broken: int
    p: float
    passed: bool


@dataclass(frozen=True)
class Gate:
    """`data/iterN/gate.json`. `good`: the iteration that the next one starts from.

    `state` names that iteration's weights, data and dev scores by their content: what reads `good`
    alone also depends on what it stands for.
    """

    passed: bool
    good: str
    state: str
    compared_with: str = ""
    checks: list[Check] = field(default_factory=list)

    @property
    def failed(self) -> list[str]:
        """The tasks that did not pass."""
        return [check.task for check in self.checks if not check.passed]

    def json(self) -> dict[str, Any]:
        """As it is written."""
        return asdict(self)


def judge(
    iteration: str,
    state: Sequence[str],
    samples: Iterable[Sample],
    scores: Iterable[Score],
    earlier: Iterable[Score],
    tasks: Mapping[str, Task],
    before: Mapping[str, Any],
    params: GateParams,
) -> Gate:
    """Compare dev scores with those of `before["good"]`; test scores are never looked at.

    `state`: names of this iteration's weights and data. `earlier`: the scores of `before["good"]`,
    the iteration that this one started from; `before`: the gate that says so, as it was read. A
    task fails when its accuracy fell by more than `params.max_regression` and the fall is no chance
    (McNemar, exact, two-sided, at `params.significance`). With `action: revert` a failed
    iteration's next one starts from the good one again.
    """
    dev = {sample.id: sample.task for sample in samples if sample.split == "dev"}
    now = {score.sample: score.value == "C" for score in scores if score.sample in dev}
    then = {score.sample: score.value == "C" for score in earlier if score.sample in dev}
    checks = [
        _check(task, [(then[one], now[one]) for one in now if dev[one] == task], params)
        for task in sorted(tasks)
        if task in dev.values()
    ]
    passed = all(check.passed for check in checks)
    good, named = iteration, digest([*state, sorted(one for one, right in now.items() if right)])
    if not passed and params.action == "revert":
        good, named = before["good"], before["state"]
    return Gate(passed, good, named[:16], before["good"], checks)


def _check(task: str, pairs: Sequence[tuple[bool, bool]], params: GateParams) -> Check:
    before = sum(then for then, _ in pairs) / len(pairs)
    after = sum(now for _, now in pairs) / len(pairs)
    fixed = sum(now and not then for then, now in pairs)
    broken = sum(then and not now for then, now in pairs)
    p = mcnemar(fixed, broken)
    # In items: 0.85 - 0.83 is more than 0.02 in floating point.
    fell = broken - fixed > params.max_regression * len(pairs) + 1e-9 and p < params.significance
    return Check(
        task, round(before, 6), round(after, 6), fixed, broken, float(f"{p:.4g}"), not fell
    )


def sentence(gate: Gate, action: str) -> str:
    """What the gate says, in words; nothing of a passed one."""
    if gate.passed:
        return ""
    falls = ", ".join(
        f"{check.task} {check.before:.1%} -> {check.after:.1%}"
        for check in gate.checks
        if not check.passed
    )
    then = f", the next iteration starts from {gate.good}" if action == "revert" else ""
    return f", GATE FAILED on dev ({falls} since {gate.compared_with}){then}"
