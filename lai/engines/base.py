"""What every engine is: requests in, replies out in whatever order they finish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lai.core.record import Record, digest
from lai.core.records import Message, StopReason, Usage

_EXTRA = {"extra_body"}


class Request(BaseModel):
    """One question to a model. Its key covers all that may change the answer, and nothing else.

    `provider` names who serves the model (not its URL); `draw` tells apart repeated questions.
    `extra_body`: what a provider takes beyond OpenAI's API; where it is empty the key is without.
    `about` (a sample's id, input and choices) is no part of the key: recorded responses are found
    by it, and no model is shown it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    provider: str
    model: str
    messages: list[Message]
    temperature: float = 0.0
    max_tokens: int
    seed: int | None = None
    json_schema: dict[str, Any] | None = None
    structured_output: str = "none"
    draw: int = 0
    options: dict[str, Any] = {}
    extra_body: dict[str, Any] = {}
    about: dict[str, Any] = Field(default={}, exclude=True)

    @cached_property
    def key(self) -> str:
        """The cache key: SHA-256 of the request, in hex."""
        return digest(self.model_dump(mode="json", exclude=None if self.extra_body else _EXTRA))


class Reply(BaseModel):
    """One answer. Reasoning ("thinking") is kept apart from the text."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    request_key: str
    text: str
    reasoning: str = ""
    stop_reason: StopReason
    usage: Usage = Usage()


class Exchange(Record):
    """A line of a transcript: what an instructor, a judge or a target was asked, and what it said.

    Other records name it by their `request_key`. It holds neither URL nor key of the server.
    """

    kind: ClassVar[str] = "exchange"
    request: Request
    reply: Reply

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if self.reply.request_key != self.request.key:
            raise ValueError(f"the reply belongs to another request, {self.reply.request_key}")
        return self


class Engine(Protocol):
    """A target, an instructor or a judge.

    `commit_every`: how many replies an engine finishes together; a cache stores them together, so
    that a resumed run forms the same batches as one that was never interrupted.
    """

    @property
    def commit_every(self) -> int: ...

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """Yield one reply a request, as they finish; callers match them by `request_key`.

        Raises: PipelineError when the engine cannot be reached or refuses all work.
        """
        ...


@runtime_checkable
class Forgetful(Protocol):
    """An engine that keeps replies and can drop some of them."""

    def forget(self, keys: Sequence[str]) -> None:
        """Drop the replies to the requests with these keys."""
        ...


@runtime_checkable
class Counted(Protocol):
    """An engine that counts what it was asked. `cached`: how many replies its store held."""

    cached: int

    def told(self) -> str:
        """Calls, replies out of the store, tokens and cost so far, in words."""
        ...


@runtime_checkable
class Live(Protocol):
    """An engine that keeps replies in front of a server that answers at once.

    `proven`: what kinds of reply the server was seen to give.
    """

    proven: set[object]

    def held(self, requests: Sequence[Request]) -> dict[str, Reply] | None:
        """The kept replies, by key; None where no server would be asked for the others."""
        ...
