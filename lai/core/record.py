"""What every record is: frozen, named by its content, with the records that it came from."""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, model_validator


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
