"""An estimate in words: one table, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lai.core.params.runtime import in_words
from lai.core.text import replies
from lai.estimation.basis import assumptions, span
from lai.estimation.engine import Place, Tally
from lai.estimation.figures import Estimate

COLUMNS = ("iteration", "stage", "asked", "calls", "prompt tokens", "completion tokens", "cost")


def told(found: Estimate, caps: Mapping[str, float | None]) -> str:
    """The table, the assumptions, and the caps that may be passed. `caps`: what is left of each."""
    if not found.total("high")[0].calls:
        return _nothing(found)
    rows = [COLUMNS, *(_row(found, place) for place in found.places), _total(found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = [
        "  ".join(
            cell.ljust(width) if column < 3 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    notes = [_expected(found), *_prices(found), *_probe(found), *assumptions(found)]
    return "\n".join([*lines, "", *notes, *_warnings(found, caps)])


def _nothing(found: Estimate) -> str:
    held = found.total("expected")[0].held
    if held:
        return f"Nothing is left to ask: the store holds the {replies(held)} that the run needs."
    return "Nothing is left to ask: no stage that is still to run asks anybody who may be paid."


def _prices(found: Estimate) -> list[str]:
    notes = ["Costs are at half of runtime.instructor.price: instructor.mode is batch."]
    return notes[: found.halved] + [
        f"What the {role} costs is not known, and in no figure above: set runtime.{role}.price, "
        "what a million tokens cost: {input: ..., output: ...}, 0 if nothing."
        for role in found.unpriced
    ]


def _probe(found: Estimate) -> list[str]:
    if found.probed is None:
        return []
    asked, wanted = found.probed
    if asked == wanted:
        calls = "1 call" if asked == 1 else f"{asked:,} calls"
        return [f"Probe: {calls} asked; the store keeps the replies."]
    return [
        f"Probe: {asked:,} of {wanted:,} calls asked: what else the run will ask hangs on replies "
        "that are not there yet, or is in the store."
    ]


def as_json(found: Estimate, caps: Mapping[str, float | None]) -> dict[str, Any]:
    """The same for a program."""
    places = found.places
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
        "probed": found.probed[0] if found.probed else None,
        "assumptions": assumptions(found),
        "caps_that_may_be_passed": found.exceeded(caps),
    }


def _expected(found: Estimate) -> str:
    tally, cost = found.total("expected")
    tokens = tally.prompt_tokens + tally.completion_tokens
    priced = "" if cost is None else f", cost {in_words(cost)}"
    priced = ", free" if found.total("high")[1] == 0 else priced
    without = f" without {' and '.join(found.unpriced)}" if priced and found.unpriced else ""
    return f"Expected: {tally.calls:,} calls, {tokens:,.0f} tokens{priced}{without}."


def _warnings(found: Estimate, caps: Mapping[str, float | None]) -> list[str]:
    left = {
        name: in_words(cap) if name == "cost" else f"{cap:,}"
        for name, cap in caps.items()
        if cap is not None
    }
    return [
        f"Of runtime.budget.{name} {left[name]} is left: the run may take more, and stop there."
        for name in found.exceeded(caps)
    ]


def _row(found: Estimate, place: Place) -> tuple[str, ...]:
    low, high = (found.scenarios[name].get(place, Tally()) for name in ("low", "high"))
    if not high.calls:
        return (*place, *_ranges(low, high), "-")
    return (*place, *_ranges(low, high), _costs(found.cost(place, low), found.cost(place, high)))


def _total(found: Estimate) -> tuple[str, ...]:
    (low, cheap), (high, dear) = found.total("low"), found.total("high")
    more = " + ?" if cheap is not None and found.unpriced else ""
    return ("total", "", "", *_ranges(low, high), _costs(cheap, dear) + more)


def _ranges(low: Tally, high: Tally) -> tuple[str, ...]:
    return tuple(
        span(*(f"{figure:,.0f}" for figure in both))
        for both in (
            (low.calls, high.calls),
            (low.prompt_tokens, high.prompt_tokens),
            (low.completion_tokens, high.completion_tokens),
        )
    )


def _costs(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "no price"
    return span(in_words(low), in_words(high)) if high else "free"


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
