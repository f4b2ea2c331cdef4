"""The engine of a rehearsal: it counts what it is asked, and is not paid."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lai.asking import TRIED, asked_again, complaint
from lai.core.errors import PipelineError
from lai.core.records import Usage
from lai.engines.base import Engine, Forgetful, Reply, Request
from lai.engines.store.database import Store
from lai.estimation.assumptions import Unusable
from lai.estimation.filler import Filler
from lai.estimation.probing import Asker, shape_of

Place = tuple[str, str, str]
"""An iteration, a stage and a role: `instructor`, `judge` or `target`."""


@dataclass
class Tally:
    """Calls that will be paid for, their tokens, and how many the store holds already.

    `unseen`: of the completion tokens those of reasoning that no reply has shown.
    """

    calls: int = 0
    prompt_tokens: float = 0.0
    completion_tokens: float = 0.0
    held: int = 0
    unseen: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.held + other.held,
            self.unseen + other.unseen,
        )


@dataclass
class Rehearsal:
    """All that a rehearsal counts, and the stores that it may look into, by role.

    `real`: exchanges with real replies, which the store held or a probe asked for; `heard`:
    their keys, by stage. `shapes`: the completion tokens that each stage's shape of
    reply of the instructor took. `complaints`: the re-asks of real replies, by stage.
    """

    filler: Filler
    stores: dict[str, Path]
    asker: Asker | None = None
    at: tuple[str, str] = ("", "")
    tallies: dict[Place, Tally] = field(default_factory=dict)
    real: dict[str, tuple[Request, Reply]] = field(default_factory=dict)
    heard: dict[str, set[str]] = field(default_factory=dict)
    shapes: Counter[tuple[str, str]] = field(default_factory=Counter)
    complaints: dict[str, list[str]] = field(default_factory=dict)

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

    def unusable(self) -> dict[str, Unusable]:
        """By stage, of those with a first reply that could not be used."""
        found = {}
        for stage, complaints in ((one, told) for one, told in self.complaints.items() if told):
            heard = [self.real[key][0] for key in self.heard.get(stage, ())]
            first = sum(not asked_again(request) for request in heard)
            found[stage] = Unusable(len(complaints), first, complaint(complaints[0]))
        return found

    def check(self, engine: Forgetful) -> None:
        """Raises: PipelineError where no reply of a stage can be used; `engine` forgets those."""
        for stage, one in self.unusable().items():
            if one.bad == one.replies >= TRIED:
                engine.forget(list(self.heard[stage]))
                raise PipelineError(
                    f"{one.bad} of {one.replies} replies of {stage} cannot be used: {one.reason}; "
                    "check instructor.model, max_tokens and structured_output in params.yaml"
                )

    def tally(self, role: str) -> Tally:
        """What is counted for `role` where the rehearsal is now."""
        return self.tallies.setdefault((*self.at, role), Tally())


@dataclass
class _Rehearsed:
    """One role's engine."""

    rehearsal: Rehearsal
    role: str
    proven: set[object] = field(default_factory=set)
    commit_every = 256

    def held(self, requests: Sequence[Request]) -> dict[str, Reply] | None:
        """What the user's store holds, in a probe; None where nobody is really asked."""
        probed = self.rehearsal.asker and self.role == "instructor"
        return self.rehearsal.kept(self.role, requests) if probed else None

    def forget(self, keys: Sequence[str]) -> None:
        """Drop what a probe asked for; the store of a rehearsal that asks nobody is left alone."""
        if self.rehearsal.asker and self.role == "instructor":
            self.rehearsal.asker.engine.forget(keys)

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        all_of = self.rehearsal
        kept = all_of.kept(self.role, requests)
        all_of.tally(self.role).held += len(kept)
        if self.role == "instructor":
            # What is made up is usable: only real replies are complained about.
            again = [one.messages[-1]["content"] for one in requests if asked_again(one)]
            all_of.complaints.setdefault(all_of.at[1], []).extend(again)
        if all_of.asker and self.role == "instructor":
            real = [one for one in requests if _genuine(one, all_of.filler.made_up)]
            missing = [one for one in real if one.key not in kept]
            kept |= all_of.asker.ask(all_of.at[1], missing)
        if kept:
            all_of.heard.setdefault(all_of.at[1], set()).update(kept)
        for request in requests:
            reply = kept.get(request.key)
            if reply is None:
                yield self._made_up(request)
            else:
                all_of.real[request.key] = request, reply
                all_of.filler.learn(request, reply.text)
                yield reply

    def _made_up(self, request: Request) -> Reply:
        filler, tally = self.rehearsal.filler, self.rehearsal.tally(self.role)
        text = filler.reply(request)
        rate = filler.assumed.rate(shape_of(request))
        schema = json.dumps(request.json_schema) if request.json_schema and rate.schema else ""
        prompt = (characters(request) + len(schema)) * rate.prompt
        completion, unseen = rate.completion(len(text), request.max_tokens)
        tally.calls += 1
        tally.prompt_tokens += prompt
        tally.completion_tokens += completion
        tally.unseen += unseen
        if self.role == "instructor":
            self.rehearsal.shapes[self.rehearsal.at[1], shape_of(request)] += round(completion)
        usage = Usage(prompt_tokens=round(prompt), completion_tokens=round(completion))
        return Reply(request_key=request.key, text=text, stop_reason="stop", usage=usage)


def characters(request: Request) -> int:
    """Of all that is sent as text."""
    return sum(len(message["content"]) for message in request.messages)


def _genuine(request: Request, made_up: set[str]) -> bool:
    return made_up.isdisjoint(word for one in request.messages for word in one["content"].split())
