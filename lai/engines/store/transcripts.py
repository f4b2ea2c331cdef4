"""Transcripts: all that a stage heard from whom it had to pay, kept among its records."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lai.core.params.runtime import PriceParams
from lai.engines.base import Engine, Exchange, Reply, Request
from lai.engines.store.cache import Cached
from lai.engines.store.database import Store

AT_ONCE = 500
"""Exchanges that are put into a store as one."""
FREE = "builtin"
"""The provider whose replies cost nothing and need no key."""


class Transcribed(Cached):
    """A `Cached` engine that remembers what its callers were given, wherever it came from."""

    def __init__(
        self,
        engine: Engine | Callable[[], Engine],
        path: str | Path,
        price: PriceParams | None = None,
        local: bool = False,
    ) -> None:
        super().__init__(engine, path, price=price, local=local)
        self._heard: dict[str, tuple[Request, Reply]] = {}

    def generate(self, requests: Sequence[Request]) -> Generator[Reply, None, None]:
        """As of `Cached`."""
        asked = {request.key: request for request in requests}
        # Closed with this generator: what is in flight when a caller stops is still stored.
        with closing(super().generate(requests)) as replies:
            for reply in replies:
                self._heard[reply.request_key] = asked[reply.request_key], reply
                yield reply

    def forget(self, keys: Sequence[str]) -> None:
        """Drop the replies to the requests with these keys, from the store and from memory."""
        super().forget(keys)
        for key in keys:
            self._heard.pop(key, None)

    def transcript(self) -> Iterator[Exchange]:
        """What was yielded so far, each exchange once: also first replies that were of no use."""
        return (Exchange(request=request, reply=reply) for request, reply in self._heard.values())


@dataclass
class Restored:
    """What became of the exchanges of transcripts.

    `put` into the store; `known` to it already; `other`: it holds another reply to the same
    request (asked again in between); `free`: the builtin tutor's, which costs nothing.
    """

    put: int = 0
    known: int = 0
    other: int = 0
    free: int = 0


def restore(exchanges: Iterable[Exchange], path: str | Path, replace: bool = False) -> Restored:
    """Put exchanges into the store at `path`, so that nobody has to be asked again.

    One that stands in several transcripts, as what serves several iterations does, counts once. A
    reply that the store has already is left, unless `replace` is given.

    Raises: PipelineError when the store is damaged or cannot be written.
    """
    counts = Restored()
    waiting = _each_once(exchanges)
    with Store(path) as store:
        while some := list(islice(waiting, AT_ONCE)):
            paid = [one for one in some if one.request.provider != FREE]
            held = store.get([one.request.key for one in paid])
            new = [one for one in paid if one.request.key not in held]
            other = [one for one in paid if held.get(one.request.key, one.reply) != one.reply]
            store.put([(one.request, one.reply) for one in [*new, *(other if replace else [])]])
            counts.put += len(new)
            counts.known += len(paid) - len(new) - len(other)
            counts.other += len(other)
            counts.free += len(some) - len(paid)
    return counts


def _each_once(exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    seen: set[str] = set()
    for one in exchanges:
        if one.id not in seen:
            seen.add(one.id)
            yield one
