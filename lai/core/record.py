"""What every record is: frozen, named by its content, with the records that it came from.

And what records are made of: messages, and counts of tokens.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator
from typing_extensions import TypedDict


class Message(TypedDict):
    """One chat turn, in the form that chat templates and OpenAI-compatible servers take."""

    role: Literal["system", "user", "assistant"]
    content: str


class Usage(BaseModel):
    """Tokens of one exchange, as counted by whoever served it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def total(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
        )


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces, ASCII only: one text for one value, everywhere."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`, in hex."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


_GIVEN: dict[frozenset[str], set[str]] = {}


class Record(BaseModel):
    """A line of a JSONL file. `id` is filled in when absent and checked when present."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: ClassVar[str]
    id: str = ""
    parents: list[str] = []

    @model_validator(mode="after")
    def _identify(self) -> Self:
        content = self.model_dump(mode="json", exclude={"id", "parents"})
        identity = f"{self.kind}_{digest([self.kind, content, self.parents])[:16]}"
        if not self.id:
            object.__setattr__(self, "id", identity)
        elif self.id != identity:
            raise ValueError(f"id {self.id} does not belong to this content (expected {identity})")
        # Which fields were given takes a third of a record's memory; equal sets are kept once.
        given = self.__pydantic_fields_set__
        object.__setattr__(
            self, "__pydantic_fields_set__", _GIVEN.setdefault(frozenset(given), given)
        )
        return self
