"""An estimate in words: one table, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lai.estimation.engine import Place, Tally
from lai.estimation.estimate import Estimate

COLUMNS = ("iteration", "stage", "asked", "calls", "prompt tokens", "completion tokens", "cost")


def told(found: Estimate, caps: Mapping[str, float | None]) -> str:
    """The table, the assumptions, and the caps that may be passed. `caps`: what is left of each."""
    places = _places(found)
    rows = [COLUMNS, *(_row(found, place) for place in places), _total(found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = [
        "  ".join(
            cell.ljust(width) if column < 3 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, "", _expected(found), *assumptions(found), *_warnings(found, caps)])


def as_json(found: Estimate, caps: Mapping[str, float | None]) -> dict[str, Any]:
    """The same for a program."""
    places = _places(found)
    return {
        "rows": [
            {
                "iteration": place[0],
                "stage": place[1],
                "role": place[2],
                **{name: _figures(found, place, one) for name, one in found.scenarios.items()},
            }
            for place in places
        ],
        "total": {name: _plain(*found.total(name)) for name in found.scenarios},
        "replies_observed": found.observed.replies,
        "assumptions": assumptions(found),
        "caps_that_may_be_passed": found.exceeded(caps),
    }


def assumptions(found: Estimate) -> list[str]:
    """What the figures rest on, a sentence each."""
    low, high = found.assumed
    lines = []
    if found.known:
        lines.append(f"Errors of {', '.join(found.known)}: the real ones.")
        lines.append(f"Each later iteration has {low.later:.0%} to {high.later:.0%} of the errors.")
    else:
        lines.append(
            f"Of {found.pool:,} pool questions {low.error_rate:.0%} to {high.error_rate:.0%} are "
            f"answered wrongly, in each later iteration {low.later:.0%} to {high.later:.0%} of "
            "that; `dvc repro mine_errors@iter1` asks no instructor, and then they are known."
        )
    if found.observed.replies:
        lines.append(
            f"Lengths and tokens as in {found.observed.replies:,} real replies, "
            f"± {found.observed.spread:.0%}."
        )
    elif found.as_before:
        lines.append("Each call takes as many tokens as those of earlier iterations did.")
    else:
        lines.append(
            "Tokens: a fifth to a third of the characters; texts half to twice as long as usual "
            "ones, at most as much reasoning before them. `lai estimate --probe 20` measures both."
        )
    lines.append(
        f"Exercises accepted: {high.accepted:.0%} to {low.accepted:.0%}; weaknesses a task: "
        f"{_many(low.skills, found)} to {_many(high.skills, found)}. No reference is contradicted."
    )
    held = sum(tally.held for tally in found.scenarios["expected"].values())
    if held:
        lines.append(f"The store holds {held:,} replies already; they cost nothing again.")
    return lines


def _many(skills: float, found: Estimate) -> str:
    return f"{skills:,.0f}" if skills < found.pool else "as many as errors"


def _expected(found: Estimate) -> str:
    tally, cost = found.total("expected")
    tokens = tally.prompt_tokens + tally.completion_tokens
    priced = f", cost {cost:,.4f}" if cost is not None else ""
    return f"Expected: {tally.calls:,} calls, {tokens:,.0f} tokens{priced}."


def _warnings(found: Estimate, caps: Mapping[str, float | None]) -> list[str]:
    return [
        f"Of runtime.budget.{name} {caps[name]:,} is left: the run may take more, and stop there."
        for name in found.exceeded(caps)
    ]


def _places(found: Estimate) -> list[Place]:
    places = {place for scenario in found.scenarios.values() for place in scenario}
    return sorted(places, key=_order)


def _order(place: Place) -> tuple[int, int, str]:
    stages = ("eval", "analyze", "synthesize", "reeval")
    return int(place[0].removeprefix("iter")), stages.index(place[1]), place[2]


def _row(found: Estimate, place: Place) -> tuple[str, ...]:
    low, high = (
        one.get(place, Tally()) for one in (found.scenarios["low"], found.scenarios["high"])
    )
    costs = found.cost(place, low), found.cost(place, high)
    return (*place, *_ranges(low, high), _range(*costs, 4))


def _total(found: Estimate) -> tuple[str, ...]:
    (low, cheap), (high, dear) = found.total("low"), found.total("high")
    return ("total", "", "", *_ranges(low, high), _range(cheap, dear, 4))


def _ranges(low: Tally, high: Tally) -> tuple[str, str, str]:
    return (
        _range(low.calls, high.calls),
        _range(low.prompt_tokens, high.prompt_tokens),
        _range(low.completion_tokens, high.completion_tokens),
    )


def _range(low: float | None, high: float | None, digits: int = 0) -> str:
    if low is None or high is None:
        return "no price"
    ends = [f"{one:,.{digits}f}" for one in sorted((low, high))]
    return ends[0] if ends[0] == ends[1] else " - ".join(ends)


def _figures(found: Estimate, place: Place, scenario: Mapping[Place, Tally]) -> dict[str, Any]:
    tally = scenario.get(place, Tally())
    return _plain(tally, found.cost(place, tally))


def _plain(tally: Tally, cost: float | None) -> dict[str, Any]:
    return {
        "calls": tally.calls,
        "prompt_tokens": round(tally.prompt_tokens),
        "completion_tokens": round(tally.completion_tokens),
        "held": tally.held,
        "cost": cost,
    }
