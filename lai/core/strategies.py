"""The strategies, one explicit table: they differ in what stands here and in nothing else."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lai.core.iterations import path

Weights = dict[str, float]
"""Strategies by name, each with its share of the budget; the shares add up to one."""


@dataclass(frozen=True)
class Strategy:
    """What a lesson starts from, what the instructor is shown of it, and what is taught.

    `seeds`: the `errors`; `pool` questions drawn without regard to them; or those of greatest
    `loss`. `prompt`: the file under prompts/analyze that asks for the analysis, if one is made.
    `contrast`: beside each error the nearest solved samples. `borrowed`: beside each question the
    response to another one, which was wrong. `grouped`: one lesson from several errors that are
    alike. `teaches`: `exercises` that the instructor writes, its own `solutions` of pool
    questions, `gold` answers, or `solved` samples once more.
    """

    seeds: Literal["errors", "pool", "loss"]
    teaches: Literal["exercises", "solutions", "gold", "solved"] = "exercises"
    prompt: str = ""
    contrast: bool = False
    borrowed: bool = False
    grouped: bool = False

    @property
    def asks(self) -> bool:
        """Whether the instructor is asked anything."""
        return self.teaches in ("exercises", "solutions")


STRATEGIES = {
    "le": Strategy("errors", prompt="le"),
    "lec": Strategy("errors", prompt="lec", contrast=True),
    "augment": Strategy("pool", prompt="augment"),
    "active": Strategy("loss", prompt="augment"),
    "patterns": Strategy("errors", prompt="patterns", grouped=True),
    "distill": Strategy("pool", teaches="solutions"),
    "finetune": Strategy("pool", teaches="gold"),
    "replay": Strategy("pool", teaches="solved"),
    "shuffled": Strategy("pool", prompt="le", borrowed=True),
}


def check(value: Any) -> Any:
    """`value` as it may stand in params.yaml: a name, weights, or one of both an iteration.

    Raises: ValueError, with the nearest name where one is unknown.
    """
    if isinstance(value, dict) and value and all(str(key).startswith("iter") for key in value):
        for iteration, one in value.items():
            if isinstance(one, dict) and any(str(key).startswith("iter") for key in one):
                raise ValueError(f"{iteration} names iterations in turn; give a name or weights")
            _weights(one)
        return value
    _weights(value)
    return value


def planned(value: Any, iterations: Mapping[str, str]) -> dict[str, Weights]:
    """The weights of every iteration. `value`: see `check`; `iterations`: each and its previous.

    An iteration that is not named takes after the one that it follows.

    Raises: ValueError when a first iteration is not named, or a named one is not there.
    """
    if not (isinstance(value, dict) and all(str(key).startswith("iter") for key in value)):
        return {iteration: _weights(value) for iteration in iterations}
    for named in value:
        if named not in iterations:
            raise ValueError(f"{named} is none of the iterations: {', '.join(iterations)}")
    found: dict[str, Weights] = {}
    for iteration in iterations:
        at: str | None = iteration
        while at not in value:
            at = iterations.get(str(at))
            if at is None:
                raise ValueError(f"no strategy is named for {iteration} or any before it")
        found[iteration] = _weights(value[at])
    return found


def from_errors(weights: Mapping[str, float]) -> bool:
    """Whether any of the strategies starts from errors."""
    return any(STRATEGIES[name].seeds == "errors" for name in weights)


def label(weights: Mapping[str, float]) -> str:
    """A mixture's name in a table: `le+lec`."""
    return "+".join(weights)


def summary(plan: Mapping[str, Weights], iterations: Mapping[str, str]) -> str:
    """The name of a whole run: that of its iterations, in a row where they differ: `le>lec`.

    Of a run with branches those are named that lead to its last iteration.
    """
    names = [label(plan[one]) for one in path(iterations)[1:]]
    return names[0] if len(set(names)) == 1 else ">".join(names)


def shares(weights: Mapping[str, float], count: int) -> dict[str, int]:
    """`count` cut by weight into whole parts, by largest remainder; ties go to the first named."""
    exact = {name: weight * count for name, weight in weights.items()}
    whole = {name: math.floor(part + 1e-9) for name, part in exact.items()}
    left = count - sum(whole.values())
    for name in sorted(exact, key=lambda name: whole[name] - exact[name])[:left]:
        whole[name] += 1
    return whole


def _weights(value: Any) -> Weights:
    given = {value: 1} if isinstance(value, str) else value
    if not isinstance(given, dict) or not given:
        raise ValueError("expected a strategy such as le, or weights such as {le: 0.5, lec: 0.5}")
    for name, weight in given.items():
        if name not in STRATEGIES:
            near = difflib.get_close_matches(str(name), STRATEGIES, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise ValueError(f"{name!r} is no strategy, expected {', '.join(STRATEGIES)}{hint}")
        usable = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not usable or not 0 < weight < math.inf:
            raise ValueError(f"the weight of {name} is no positive number")
    try:
        total = math.fsum(given.values())
    except OverflowError:
        raise ValueError("the weights are too great to add up; give shares such as 0.5") from None
    return {name: weight / total for name, weight in given.items()}
