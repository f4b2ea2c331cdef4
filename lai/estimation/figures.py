"""What an estimate comes to: calls, tokens and cost of each place, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lai.core.params.runtime import PriceParams
from lai.estimation import past
from lai.estimation.assumptions import Assumptions, Observed
from lai.estimation.engine import Place, Tally

STAGES = ("eval", "analyze", "synthesize", "reeval")
Scenario = Mapping[Place, Tally]


@dataclass(frozen=True)
class Estimate:
    """What will be asked and paid; `scenarios`: `low`, `expected` and `high`.

    `known`: the iterations whose errors are the real ones. `observed`: what real replies in the
    store were like; `before`: what calls of the stages took in earlier iterations, where that is
    taken. `pool`: how many questions there are. `probed`: how many calls a probe asked, of how
    many that it was to; None without one. `halved`: whether prices are those of batches.
    `untrained`: whether the target cannot be trained, so that nothing follows the first synthesis.
    `teaches`: what is taught by the iterations that are not done, see `Strategy.teaches`.
    """

    scenarios: Mapping[str, Scenario]
    assumed: tuple[Assumptions, Assumptions]
    known: list[str]
    observed: Observed
    before: past.Means
    pool: int
    prices: Mapping[str, PriceParams | None]
    probed: tuple[int, int] | None = None
    halved: bool = False
    untrained: bool = False
    teaches: frozenset[str] = frozenset({"exercises"})

    def cost(self, place: Place, tally: Tally) -> float | None:
        """What it costs, if there is a price for the role."""
        price = self.prices.get(place[2])
        if price is None:
            return None
        return price.of(round(tally.prompt_tokens), round(tally.completion_tokens))

    @property
    def places(self) -> list[Place]:
        """Where anybody is asked, in the order of the run."""
        found = {place for scenario in self.scenarios.values() for place in scenario}
        return sorted(found, key=_order)

    @property
    def unpriced(self) -> list[str]:
        """The roles that are asked, and of which nobody says what they cost."""
        asked = {place[2] for place, tally in self.scenarios["high"].items() if tally.calls}
        return sorted(role for role in asked if self.prices.get(role) is None)

    def seen(self) -> tuple[Tally, float | None]:
        """As `total` of `high`, without the reasoning that no reply has shown."""
        high = {
            place: replace(tally, completion_tokens=tally.completion_tokens - tally.unseen)
            for place, tally in self.scenarios["high"].items()
        }
        return replace(self, scenarios={"high": high}).total("high")

    def total(self, name: str) -> tuple[Tally, float | None]:
        """All of a scenario; the cost is of the roles with a price, None where none has."""
        scenario = self.scenarios[name]
        costs = [self.cost(place, tally) for place, tally in scenario.items()]
        known = [cost for cost in costs if cost is not None]
        tally = sum(scenario.values(), start=Tally())
        return tally, sum(known) if known else None

    def exceeded(self, caps: Mapping[str, float | None]) -> list[str]:
        """The caps on `cost`, `calls` and `tokens` that the run may pass, by the high figure.

        `caps`: what is left of each.
        """
        tally, cost = self.total("high")
        tokens = tally.prompt_tokens + tally.completion_tokens
        taken = {"calls": tally.calls, "tokens": tokens, "cost": cost or 0.0}
        return [name for name, cap in caps.items() if cap is not None and taken[name] > cap]


def _order(place: Place) -> tuple[int, int, str]:
    return number(place), STAGES.index(place[1]), place[2]


def number(place: Place) -> int:
    """That of its iteration."""
    return int(place[0].removeprefix("iter"))
