"""Runs that would cost more than `runtime.budget` allows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from lai.core.params.runtime import PriceParams
from lai.engines.store.spending import most_of
from tests.faults.child import questions
from tests.faults.fault import Fault
from tests.faults.scene import Scene

_PRICE = PriceParams(input=1.0, output=1.0)
_MOST = most_of(questions()[0], _PRICE)
"""What one call is reserved by. It takes 10 tokens in the end: caps a little above stop amid."""
_LINE = (
    "error: runtime.budget.{cap} is {most}, … is spent and the next call may take …; raise "
    "runtime.budget.{cap} and run again (or count from zero: lai budget --new); everything paid "
    "for is kept"
)


@contextlib.contextmanager
def _nothing(_: Scene) -> Iterator[None]:
    """The cap is enough."""
    yield


def _capped(cap: str, most: float, **params: Any) -> Fault:
    line = _LINE.format(cap=cap, most="…")
    scene = {"budget": {cap: most}, "params": params}
    return Fault(f"the run reaches its cap on {cap}", _nothing, (line,), 1, scene=scene)


FAULTS = [
    _capped("calls", 5),
    _capped("tokens", _MOST.tokens + 35),
    _capped("cost", _MOST.cost + 35e-6, price=_PRICE.model_dump()),
    Fault(
        "a cap on cost, and a server whose price nobody named",
        _nothing,
        (
            "error: runtime.budget.cost caps a cost that nobody can count: "
            "runtime.instructor.price is null; add price: {input: ..., output: ...}, what a "
            "million tokens cost at api.example.org (zeros where they are free), or cap calls or "
            "tokens instead",
        ),
        1,
        scene={"budget": {"cost": 1.0}, "params": {"base_url": "https://api.example.org/v1"}},
    ),
]
