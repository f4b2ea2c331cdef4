"""An estimate in words: one table, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lai.core.params.runtime import in_words
from lai.estimation.engine import Place, Tally
from lai.estimation.estimate import Estimate

STAGES = ("eval", "analyze", "synthesize", "reeval")
COLUMNS = ("iteration", "stage", "asked", "calls", "prompt tokens", "completion tokens", "cost")


def told(found: Estimate, caps: Mapping[str, float | None]) -> str:
    """The table, the assumptions, and the caps that may be passed. `caps`: what is left of each."""
    if not found.total("high")[0].calls:
        return _nothing(found)
    rows = [COLUMNS, *(_row(found, place) for place in _places(found)), _total(found)]
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
        return f"Nothing is left to ask: the store holds the {_replies(held)} that the run needs."
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
        "probed": found.probed[0] if found.probed else None,
        "assumptions": assumptions(found),
        "caps_that_may_be_passed": found.exceeded(caps),
    }


def assumptions(found: Estimate) -> list[str]:
    """What the figures rest on, a sentence each."""
    low, high = found.assumed
    lines: list[str] = []
    if not _places(found):
        return lines
    if found.untrained:
        lines.append(
            "The target's weights are not here, so the run ends before train: no later stage, and "
            "no iteration after the first, is counted."
        )
    later = _span(f"{low.later:.0%}", f"{high.later:.0%}", " to ")
    if found.known:
        lines.append(f"Errors of {', '.join(found.known)}: the real ones.")
    else:
        lines.append(
            f"Of {found.pool:,} pool questions {low.error_rate:.0%} to {high.error_rate:.0%} are "
            "answered wrongly; `dvc repro mine_errors@iter1` asks no instructor, and then they are "
            "known."
        )
    if max(_order(place)[0] for place in _places(found)) > max(1, len(found.known)):
        lines.append(f"Each later iteration has {later} of the errors of the one before.")
    lines += _tokens(found)
    accepted = _span(f"{high.accepted:.0%}", f"{low.accepted:.0%}", " to ")
    tasks = ", ".join(
        f"{task} {_span(f'{high.accepts(task):.0%}', f'{low.accepts(task):.0%}', ' to ')}"
        for task in low.by_task
    )
    accepted += f" ({tasks})" if tasks else ""
    skills = _span(_many(low.skills, found), _many(high.skills, found), " to ")
    lines.append(
        f"Exercises accepted: {accepted}; weaknesses a task: {skills}. No reference is "
        "contradicted, and no reply has to be asked for again."
    )
    lines += [
        f"But {one.bad:,} of {_replies(one.replies)} of {stage} could not be used "
        f"({one.reason}): with as many re-asks it takes {one.bad / one.replies:.0%} more calls."
        for stage, one in found.observed.unusable.items()
    ]
    held = sum(tally.held for tally in found.scenarios["expected"].values())
    if held:
        what = "1 of these replies" if held == 1 else f"{held:,} of these replies"
        lines.append(f"The store holds {what} already, not counted above: nothing is paid twice.")
    return lines


def _tokens(found: Estimate) -> list[str]:
    """What lengths and tokens rest on, by stage."""
    stages = [stage for stage in STAGES if any(place[1] == stage for place in _places(found))]
    lines = [
        f"Tokens of a call of {stage}: as in {_replies(found.before[stage].replies)} of earlier "
        "iterations."
        for stage in stages
        if stage in found.before
    ]
    heard = found.observed.stages
    real = [stage for stage in stages if stage not in found.before and heard.get(stage)]
    if real:
        told = " and ".join(f"{_replies(heard[stage])} of {stage}" for stage in real)
        lines.append(
            f"Lengths and tokens: as in {told} in the store, ± {found.observed.spread:.0%}."
        )
    rest = [stage for stage in stages if stage not in (*found.before, *real)]
    if rest and real:
        lines.append(
            f"No reply of {' and '.join(rest)} is there yet: as many tokens a character as in "
            "the others, texts half to twice as long as usual ones."
        )
    elif rest:
        of = f" of {' and '.join(rest)}" if len(rest) < len(stages) else ""
        lines.append(
            f"Tokens{of}: a fifth to a third of the characters; texts half to twice as long as "
            "usual ones, at most 600 tokens of reasoning before each. `lai estimate --probe 20` "
            "measures both."
        )
    return lines


def _replies(count: int) -> str:
    return "1 reply" if count == 1 else f"{count:,} replies"


def _many(skills: float, found: Estimate) -> str:
    return f"{skills:,.0f}" if skills < found.pool else "as many as errors"


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


def _places(found: Estimate) -> list[Place]:
    places = {place for scenario in found.scenarios.values() for place in scenario}
    return sorted(places, key=_order)


def _order(place: Place) -> tuple[int, int, str]:
    return int(place[0].removeprefix("iter")), STAGES.index(place[1]), place[2]


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
        _span(*(f"{figure:,.0f}" for figure in both))
        for both in (
            (low.calls, high.calls),
            (low.prompt_tokens, high.prompt_tokens),
            (low.completion_tokens, high.completion_tokens),
        )
    )


def _costs(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "no price"
    return _span(in_words(low), in_words(high)) if high else "free"


def _span(low: str, high: str, between: str = " - ") -> str:
    return low if low == high else f"{low}{between}{high}"


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
