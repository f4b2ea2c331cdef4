"""How many requests may be in flight and when the next one may go, by what the server says."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Self

from lai.engines.openai.flight import Stopping

SPACING_SECONDS = 0.001
"""Between two requests: a crowd that is sent at once comes back at once, round after round."""
_CLIMB = 0.05
_MINUTE = 60.0


class Window:
    """How much went out within the last minute, of at most `limit` (requests, or tokens)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._sum = 0
        self._entries: deque[list[float]] = deque()

    def wait(self, amount: int, now: float) -> float:
        """Seconds until `amount` more fits; more than the limit at once waits for an empty one."""
        while self._entries and self._entries[0][0] <= now - _MINUTE:
            self._sum -= int(self._entries.popleft()[1])
        over = self._sum + min(amount, self._limit) - self._limit
        for sent, counted in self._entries:
            if over <= 0:
                break
            over -= int(counted)
            if over <= 0:
                return sent + _MINUTE - now
        return 0.0

    def add(self, amount: int, now: float) -> list[float]:
        """Count `amount`; the entry can be corrected with `correct`."""
        entry = [now, float(amount)]
        self._entries.append(entry)
        self._sum += amount
        return entry

    def correct(self, entry: list[float], amount: int) -> None:
        """What an entry came to in the end. One that is out of the window counts no more."""
        if self._entries and entry[0] >= self._entries[0][0]:
            self._sum += amount - int(entry[1])
        entry[1] = float(amount)


class Throttle:
    """Shared by the requests of one engine; used in its event loop alone, but for `width`.

    The width, how many may be in flight, starts at `most`. A refusal for load (429, 5xx) of a
    request that was sent after the last cut halves it; answers widen it again, by one a round trip
    or a twentieth, whichever is more (additive increase, multiplicative decrease: Chiu and Jain
    1989). A wait that the server asks for holds for all requests, since rate limits are an
    account's. `requests`, `tokens`: what goes out in any minute, at most.
    """

    def __init__(self, most: int, requests: int | None = None, tokens: int | None = None) -> None:
        self._most = most
        self._width = float(most)
        self._flying = 0
        self._next = self._cut = float("-inf")
        self._requests = Window(requests) if requests else None
        self._tokens = Window(tokens) if tokens else None
        self._room = asyncio.Event()
        self._turn = asyncio.Lock()

    @property
    def width(self) -> int:
        """How many requests may be in flight now."""
        return int(self._width)

    async def start(self, tokens: int, stopping: Stopping) -> Permit:
        """Wait until a request of about `tokens` may be sent, or the run is stopping."""
        async with self._turn:
            while self._flying >= self.width:
                self._room.clear()
                await self._room.wait()
            while not stopping and (pause := self._pause(tokens)) > 0:
                await stopping.sleep(pause)
            now = _now()
            self._next = max(self._next, now + SPACING_SECONDS)
            self._flying += 1
            counted = self._tokens.add(tokens, now) if self._tokens else None
            if self._requests:
                self._requests.add(1, now)
            return Permit(self, now, counted)

    def _pause(self, tokens: int) -> float:
        now = _now()
        waits = [self._next - now]
        if self._requests:
            waits.append(self._requests.wait(1, now))
        if self._tokens:
            waits.append(self._tokens.wait(tokens, now))
        return max(waits)

    def hold(self, seconds: float) -> None:
        """Nothing is sent for so long: the server said when to come back."""
        self._next = max(self._next, _now() + seconds)

    def _ended(self) -> None:
        self._flying -= 1
        self._room.set()

    def _answered(self, counted: list[float] | None, tokens: int) -> None:
        self._width = min(self._most, self._width + max(1 / self._width, _CLIMB))
        if self._tokens and counted:
            self._tokens.correct(counted, tokens)

    def _refused(self, sent: float) -> None:
        if sent > self._cut:
            self._cut = _now()
            self._width = max(1.0, self._width / 2)


class Permit:
    """One request in flight; a context manager, at whose end it has ended.

    Unless one of the methods said so, its end says nothing about the load.
    """

    def __init__(self, throttle: Throttle, sent: float, counted: list[float] | None) -> None:
        self._throttle = throttle
        self._sent = sent
        self._counted = counted

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._throttle._ended()

    def answered(self, tokens: int) -> None:
        """An answer came, and `tokens` is what it took in all."""
        self._throttle._answered(self._counted, tokens)

    def refused(self) -> None:
        """The server has too much to do."""
        self._throttle._refused(self._sent)


def _now() -> float:
    return asyncio.get_running_loop().time()
