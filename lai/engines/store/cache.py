"""A store of replies in front of an engine, so that no answer is paid for twice."""

from __future__ import annotations

import contextlib
import itertools
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol, runtime_checkable

from lai.core.errors import PipelineError
from lai.core.params.runtime import PriceParams, in_words
from lai.core.records import Usage
from lai.core.text import counted
from lai.engines.base import Engine, Exchange, Forgetful, Live, Reply, Request
from lai.engines.store.claims import claims_at
from lai.engines.store.database import Store
from lai.engines.store.waiting import Waiting
from lai.engines.store.wal import lock_path

POLL_SECONDS = (0.05, 1.0)
"""How often to look whether another process has stored a reply: at first, and at most."""
_ASKING = (
    "which is asking the same: its replies serve this run, too; if it ends, this run asks itself"
)


@runtime_checkable
class Streaming(Protocol):
    """An engine that takes each request only when it can start it, as `OpenAIEngine` does."""

    def stream(self, requests: Iterable[Request]) -> Iterator[list[Reply]]:
        """What has finished by now, again and again; no request is taken before there is room."""
        ...


class Cached:
    """An engine that asks another one only what the store at `path` does not hold.

    Of several processes, and of several calls in one, only one asks a given request; the others
    take its reply from the store, or ask themselves if it dies. A `Streaming` engine's requests
    are claimed one by one, as it starts them, so that processes share a list between them; those
    of any other engine all at once, since it forms its batches from all of them.

    `asked` and `cached` count replies that the engine gave and that the store held; `usage` holds
    the tokens of those that the engine gave, `worth` those of all. `recorded`: whether the engine
    asks nobody, but reads answers from files. `price`: of its tokens, if they cost anything.
    `local`: whether it is no server, so that what it is asked is no call.
    `engine` may be what opens it, and is then opened for the first request that the store does not
    hold: what is stored needs no key and no model.
    """

    def __init__(
        self,
        engine: Engine | Callable[[], Engine],
        path: str | Path,
        recorded: bool = False,
        price: PriceParams | None = None,
        local: bool = False,
    ) -> None:
        self._given = engine
        self._path = Path(path)
        self._recorded = recorded
        self._price = price
        self._local = local
        self.proven: set[object] = set()
        self.asked = 0
        self.cached = 0
        self.usage = Usage()
        self.worth = Usage()
        self._untold = 0

    @cached_property
    def _engine(self) -> Engine:
        return self._given() if callable(self._given) else self._given

    def open(self) -> None:
        """Open the engine now. Raises: PipelineError when it lacks a key, a URL or a model."""
        _ = self._engine

    @property
    def commit_every(self) -> int:
        """As of the engine behind."""
        return self._engine.commit_every

    def generate(self, requests: Sequence[Request]) -> Generator[Reply, None, None]:
        """Yield one reply for each distinct request, stored ones first, the rest as they finish.

        Replies are stored before they are yielded. A caller that stops early loses nothing: what a
        `Streaming` engine has taken is waited for and stored, and nothing more is asked.

        Raises: PipelineError from the engine, or when the store is damaged or cannot be written.
        """
        unique = {request.key: request for request in requests}
        shortest, longest = POLL_SECONDS
        pause = shortest
        waiting = Waiting()
        with Store(self._path) as store:
            left = yield from self._stored(store, list(unique.values()))
            while left:
                before = len(left)
                foreign = yield from self._ask(store, left)
                left = yield from self._stored(store, foreign)
                # Others are asking what is left. Nothing is held here meanwhile, so nobody waits
                # for this process while it waits for them.
                pause = shortest if len(left) < before else min(2 * pause, longest)
                if len(left) < before:
                    waiting.came()
                if left:
                    holder = claims_at(lock_path(self._path)).holder(left[0].key)
                    if waiting.silent() and holder:
                        waiting.on([holder], _ASKING)
                    time.sleep(pause)

    def _stored(
        self, store: Store, requests: Sequence[Request]
    ) -> Generator[Reply, None, list[Request]]:
        """Yield the replies that the store holds; returns the requests that it does not."""
        missing = []
        for start in range(0, len(requests), 500):
            some = requests[start : start + 500]
            replies = store.get([request.key for request in some])
            missing += [request for request in some if request.key not in replies]
            for reply in (replies[request.key] for request in some if request.key in replies):
                self.cached += 1
                self.worth += reply.usage
                yield reply
        return missing

    def _ask(
        self, store: Store, requests: Sequence[Request]
    ) -> Generator[Reply, None, list[Request]]:
        """Ask the engine what nobody else asks; returns the rest and what was stored meanwhile."""
        claims = claims_at(lock_path(self._path))
        mine: dict[str, Request] = {}
        foreign: list[Request] = []
        closed = False

        def claimed() -> Iterator[Request]:
            for request in requests:
                if closed:
                    return
                if not claims.take(request.key):
                    foreign.append(request)
                    continue
                mine[request.key] = request
                if store.get([request.key]):
                    # Stored by another between the first look and the claim.
                    claims.release(mine.pop(request.key).key)
                    foreign.append(request)
                    continue
                yield request

        def keep(replies: list[Reply]) -> list[Reply]:
            store.put([(mine[reply.request_key], reply) for reply in replies])
            for reply in replies:
                claims.release(mine.pop(reply.request_key).key)
                self.asked += 1
                self.usage += reply.usage
                self.worth += reply.usage
                self._untold += reply.usage == Usage()
            return replies

        streaming = isinstance(self._engine, Streaming)
        try:
            if isinstance(self._engine, Streaming):
                finished = self._engine.stream(claimed())
            else:
                with claims.gate():
                    # All or nothing, so that equal lists of two processes are not torn apart.
                    batch = list(claimed())
                replies = self._engine.generate(batch) if batch else iter(())
                finished = _together(replies, self._engine.commit_every)
            for some in finished:
                yield from keep(some)
        except GeneratorExit:
            closed = True
            # At the interpreter's end the engine's threads are gone and would never answer.
            if streaming and not sys.is_finalizing():
                with contextlib.suppress(PipelineError):
                    for some in finished:
                        keep(some)
            raise
        finally:
            for key in mine:
                claims.release(key)
        if mine:
            raise PipelineError(f"the engine gave no answer to {len(mine)} requests; run again")
        return foreign

    def forget(self, keys: Sequence[str]) -> None:
        """Drop the stored replies to the requests with these keys."""
        with Store(self._path) as store:
            store.delete(keys)
        if isinstance(self._given, Forgetful):
            self._given.forget(keys)

    def used(self) -> dict[str, int]:
        """Replies and their tokens, whoever gave them: what the work is worth on an empty store."""
        return {"replies": self.asked + self.cached, **self.worth.model_dump()}

    def held(self, requests: Sequence[Request]) -> dict[str, Reply] | None:
        """The stored replies, by key, which counts nothing; None where the engine is no server."""
        with Store(self._path) as store:
            held = store.get([request.key for request in requests])
        missing = [request for request in requests if request.key not in held]
        if isinstance(self._given, Live):
            behind = self._given.held(missing)
            return None if behind is None else held | behind
        return held if not missing or isinstance(self._engine, Streaming) else None

    def transcript(self) -> Iterator[Exchange]:
        """What is to be kept of its exchanges: of what anyone can ask again, nothing."""
        return iter(())

    def summary(self) -> str:
        """Calls, or questions to a local model, and their tokens, for a stage's summary line."""
        if self._recorded:
            return f"{self.asked + self.cached:,} recorded answers read"
        asked = counted(self.asked, "question" if self._local else "call")
        return f"{asked} asked ({self._spent()}), {self.cached:,} from the cache"

    def told(self) -> str:
        """The same in fewer words, for a bar."""
        return f"{self.asked:,} asked, {self.cached:,} cached, {self._spent()}"

    def _spent(self) -> str:
        prompt, completion = self.usage.prompt_tokens, self.usage.completion_tokens
        if self._untold and not prompt + completion:
            return "tokens not told"
        cost = f", cost {in_words(self._price.of(prompt, completion))}" if self._price else ""
        untold = f", and what {self._untold:,} took is not told" if self._untold else ""
        return f"{prompt + completion:,} tokens{cost}{untold}"


def _together(replies: Iterator[Reply], count: int) -> Iterator[list[Reply]]:
    """`count` replies at a time, to be stored as one."""
    while some := list(itertools.islice(replies, count)):
        yield some
