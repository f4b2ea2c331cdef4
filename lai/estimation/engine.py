"""The engine of a rehearsal: it counts what it is asked, and is not paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lai.core.records import Usage
from lai.engines.base import Engine, Reply, Request
from lai.engines.store.database import Store
from lai.estimation.filler import Filler

Place = tuple[str, str, str]
"""An iteration, a stage and a role: `instructor`, `judge` or `target`."""


@dataclass
class Tally:
    """Calls that will be paid for, their tokens, and how many the store holds already."""

    calls: int = 0
    prompt_tokens: float = 0.0
    completion_tokens: float = 0.0
    held: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.held + other.held,
        )


@dataclass
class Asker:
    """Who is really asked in a probe: `quotas` calls for each shape of reply, spread evenly."""

    engine: Engine
    quotas: Counter[str]

    def ask(self, requests: Sequence[Request], filler: Filler) -> dict[str, Reply]:
        """The replies to some of `requests`, none of which holds words that were made up."""
        real = [one for one in requests if _genuine(one, filler.made_up)]
        replies = {}
        for shape in sorted({shape_of(one) for one in real}):
            mine = [one for one in real if shape_of(one) == shape]
            count = min(self.quotas[shape], len(mine))
            chosen = [mine[place * len(mine) // count] for place in range(count)]
            for reply in self.engine.generate(chosen) if chosen else ():
                replies[reply.request_key] = reply
            self.quotas[shape] -= count
        return replies


@dataclass
class Rehearsal:
    """All that a rehearsal counts, and the stores that it may look into, by role.

    `real`: exchanges with real replies, which the store held or a probe asked for. `shapes`: the
    completion tokens that each shape of reply of the instructor took.
    """

    filler: Filler
    stores: dict[str, Path]
    asker: Asker | None = None
    at: tuple[str, str] = ("", "")
    tallies: dict[Place, Tally] = field(default_factory=dict)
    real: dict[str, tuple[Request, Reply]] = field(default_factory=dict)
    shapes: Counter[str] = field(default_factory=Counter)

    def open(self, role: str) -> Engine:
        """The engine that stands in for `role`."""
        return _Rehearsed(self, role)

    def kept(self, role: str, requests: Sequence[Request]) -> dict[str, Reply]:
        """What the user's store holds."""
        path = self.stores.get(role)
        if path is None or not path.exists():
            return {}
        with Store(path) as store:
            return store.get([request.key for request in requests])

    def tally(self, role: str) -> Tally:
        """What is counted for `role` where the rehearsal is now."""
        return self.tallies.setdefault((*self.at, role), Tally())


@dataclass
class _Rehearsed:
    """One role's engine."""

    rehearsal: Rehearsal
    role: str
    commit_every = 256

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        all_of = self.rehearsal
        kept = all_of.kept(self.role, requests)
        all_of.tally(self.role).held += len(kept)
        if all_of.asker and self.role == "instructor":
            missing = [one for one in requests if one.key not in kept]
            kept |= all_of.asker.ask(missing, all_of.filler)
        for request in requests:
            reply = kept.get(request.key)
            if reply is None:
                yield self._made_up(request)
            else:
                all_of.real[request.key] = request, reply
                yield reply

    def _made_up(self, request: Request) -> Reply:
        filler, tally = self.rehearsal.filler, self.rehearsal.tally(self.role)
        text = filler.reply(request)
        rate = filler.assumed.rate(shape_of(request))
        prompt, completion = characters(request) * rate.prompt, len(text) * rate.reply
        completion += rate.reasoning
        # A server stops at the limit, and so does the price.
        completion = min(completion, request.max_tokens)
        tally.calls += 1
        tally.prompt_tokens += prompt
        tally.completion_tokens += completion
        if self.role == "instructor":
            self.rehearsal.shapes[shape_of(request)] += round(completion)
        usage = Usage(prompt_tokens=round(prompt), completion_tokens=round(completion))
        return Reply(request_key=request.key, text=text, stop_reason="stop", usage=usage)


def shape_of(request: Request) -> str:
    """The name of the schema that the reply is to fit; empty for a target's answer."""
    return str((request.json_schema or {}).get("title", ""))


def characters(request: Request) -> int:
    """Of all that is sent as text."""
    return sum(len(message["content"]) for message in request.messages)


def _genuine(request: Request, made_up: set[str]) -> bool:
    return made_up.isdisjoint(word for one in request.messages for word in one["content"].split())
