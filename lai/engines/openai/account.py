"""What an engine's calls cost: set aside before each is sent, written down when it has ended."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from lai.core.errors import PipelineError
from lai.core.params.runtime import EndpointParams, PriceParams
from lai.core.records import Usage
from lai.engines.base import Request
from lai.engines.openai.flight import Stopping
from lai.engines.store.ledger import Ledger
from lai.engines.store.spending import Spending, most_of, spent_on
from lai.engines.store.waiting import Waiting

WAITS = (0.05, 1.0)
"""Seconds between two tries for room below a cap, at first and at most."""


class Account:
    """The ledger as one endpoint sees it. `role`: who is asked, such as `instructor`."""

    def __init__(self, ledger: Ledger, params: EndpointParams, role: str) -> None:
        self._ledger = ledger
        self._price = params.price
        self._role = role
        self._waiting = Waiting()

    async def reserve(self, request: Request, stopping: Stopping) -> Call:
        """Set aside the most that a call can cost; waits while calls in flight leave no room.

        Raises: BudgetError when it would pass a cap whatever becomes of these; PipelineError when
        the run stops meanwhile.
        """
        note = f"{self._role} {request.model}"
        most = most_of(request, self._price)
        pause, longest = WAITS
        while (ticket := self._ledger.reserve(request.key, most, note)) is None:
            if stopping:
                raise PipelineError("not asked, the run is stopping")
            self._waiting.on_calls(self._ledger)
            await stopping.sleep(pause)
            pause = min(2 * pause, longest)
        self._waiting.came()
        return Call(self._ledger, ticket, self._price)


class Call:
    """One call in the ledger; a context manager, at whose end the call has ended.

    Unless one of the methods said how, nobody knows what became of it: it counts in full.
    """

    def __init__(self, ledger: Ledger, ticket: int, price: PriceParams | None) -> None:
        self._ledger = ledger
        self._ticket = ticket
        self._price = price
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._open:
            self._ledger.doubtful(self._ticket)

    def answered(self, usage: Usage) -> None:
        """An answer came. One that does not say what it took may have cost the most there is."""
        if usage != Usage():
            self._open = False
            self._ledger.settle(self._ticket, spent_on(usage, self._price))

    def refused(self) -> None:
        """The server answered with an error, which no provider bills."""
        self._open = False
        self._ledger.settle(self._ticket, Spending(calls=1))

    def never_sent(self) -> None:
        """It did not leave this machine."""
        self._open = False
        self._ledger.release(self._ticket)
