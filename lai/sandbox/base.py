"""What the sandbox answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """Whether every test passed; otherwise the first failure in a line."""

    passed: bool
    detail: str = ""
