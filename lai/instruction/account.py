"""What the samples of an iteration came to: yield, reasons, calls, tokens and cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lai.core.errors import PipelineError
from lai.core.params.runtime import PriceParams
from lai.core.records import Failure, Verdict
from lai.core.text import shortened

ENOUGH = 20
"""Candidates after which the yield means something."""
SHOWN = 3

Used = Mapping[str, int]
"""`replies`, `prompt_tokens` and `completion_tokens` of a step."""


def check_yield(verdicts: Sequence[Verdict], least: float) -> None:
    """Raises: PipelineError, with examples, when a smaller share of the samples is accepted.

    What was paid for is kept: after a change only what differs is asked for.
    """
    rejected = [one for one in verdicts if not one.accepted]
    count = len(verdicts)
    if count < ENOUGH or count - len(rejected) >= least * count:
        return
    examples = "; ".join(map(_example, rejected[:SHOWN]))
    raise PipelineError(
        f"{count - len(rejected)} of {count} samples accepted, less than synthesize.min_yield "
        f"({least:g}), so no more is asked for; what was answered is kept. Rejected: {examples}. "
        "Mend the prompt, the instructor or synthesize.checks, or lower min_yield"
    )


def _example(verdict: Verdict) -> str:
    """A rejected sample in a line."""
    question, answer = shortened(verdict.sample.input, 120), shortened(verdict.sample.reference, 40)
    failed = next(check for check in verdict.checks if not check.passed)
    return f"{question!r}, answer {answer!r} ({failed.name}: {shortened(failed.detail, 160)})"


def reasons(rejected: Sequence[Verdict]) -> dict[str, int]:
    """How many samples each check turned down, the first of those that did."""
    found = Counter(
        next(check.name for check in verdict.checks if not check.passed) for verdict in rejected
    )
    return dict(sorted(found.items()))


def account(
    accepted: Sequence[Verdict],
    rejected: Sequence[Verdict],
    failures: Sequence[Failure],
    suspects: int,
    used: Mapping[str, tuple[Used, PriceParams | None]],
) -> dict[str, Any]:
    """The figures of an iteration, for metrics/iterN/synthesis.json.

    `used`: of each step that asks somebody, with the price where it is known. Replies that were
    remembered are counted as if they were asked for again. Where a price is missing, or a server
    tells of no tokens, there is no cost.
    """
    steps = {name: dict(one) for name, (one, _) in used.items()}
    tokens = sum(one["prompt_tokens"] + one["completion_tokens"] for one in steps.values())
    asked = [(one, price) for one, price in used.values() if one["replies"]]
    told = all(one["prompt_tokens"] for one, _ in asked)
    costs = [
        price.of(one["prompt_tokens"], one["completion_tokens"]) if price and told else None
        for one, price in asked
    ]
    cost = None if None in costs else round(sum(one for one in costs if one is not None), 6)
    count = len(accepted)
    failed = Counter(failure.step for failure in failures)
    return {
        "candidates": count + len(rejected),
        "accepted": count,
        "rejected": reasons(rejected),
        "suspects": suspects,
        "failures": {step: failed[step] for step in ("analyze", "synthesize")},
        "used": steps,
        "calls": sum(one["replies"] for one in steps.values()),
        "tokens": tokens,
        "tokens_per_accepted": round(tokens / count, 1) if count and told else None,
        "cost": cost,
        "cost_per_accepted": round(cost / count, 6) if count and cost is not None else None,
    }
