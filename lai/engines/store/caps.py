"""The caps of `runtime.budget`: whether a call fits below them, and what is said when not."""

from __future__ import annotations

import math
from collections.abc import Iterable

from lai.core.errors import PipelineError
from lai.core.params.runtime import MOST_MONEY, BudgetParams, in_words
from lai.core.params.section import MOST
from lai.engines.store.spending import Spending

NANO = 10**9
"""The ledger's costs are whole billionths: adding and taking away leaves no rest."""


class BudgetError(PipelineError):
    """The next call would pass a cap. `cap`: its name in `runtime.budget`.

    `only_held`: whether nothing but what batches hold is in its way.
    """

    def __init__(self, cap: str, message: str, only_held: bool) -> None:
        super().__init__(message)
        self.cap = cap
        self.only_held = only_held


def exact(spending: Spending) -> Spending:
    """`spending` with its cost in billionths, rounded up; cut where it passes every cap."""
    tokens, cost = min(spending.tokens, 2 * MOST), min(spending.cost, 2 * MOST_MONEY)
    return spending._replace(tokens=tokens, cost=math.ceil(cost * NANO))


def passed(budget: BudgetParams, spendings: Iterable[Spending]) -> str | None:
    """The first cap that the `exact` spendings pass together, if one does."""
    total = sum(spendings, start=Spending())
    for name, cap in budget.model_dump(exclude_none=True).items():
        if getattr(total, name) > (math.floor(cap * NANO) if name == "cost" else cap):
            return str(name)
    return None


def refusal(
    cap: str, budget: BudgetParams, spent: Spending, held: Spending, most: Spending
) -> BudgetError:
    """The one line for a call that does not fit; all spendings are `exact`.

    `held`: the part of what is spent that batches under way may yet give back.
    """
    batches = f" ({shown(cap, held)} of it held by batches)" if getattr(held, cap) else ""
    back = Spending(-held.calls, -held.tokens, -held.cost)
    only_held = not passed(budget, [spent, most, back])
    ended = ", or let the stages that sent these batches end," if only_held else ""
    # What is held goes over into a new count.
    anew = "" if passed(budget, [held, most]) else " (or count from zero: lai budget --new)"
    return BudgetError(
        cap,
        f"runtime.budget.{cap} is {getattr(budget, cap):,}, {shown(cap, spent)} is spent{batches} "
        f"and the next call may take {shown(cap, most)}; raise runtime.budget.{cap}{ended} and run "
        f"again{anew}; everything paid for is kept",
        only_held,
    )


def shown(name: str, spending: Spending) -> str:
    """One figure of an `exact` spending; a cost to four digits after the point."""
    value = getattr(spending, name)
    return in_words(value / NANO) if name == "cost" else f"{value:,.0f}"
