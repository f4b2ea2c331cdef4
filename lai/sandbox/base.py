"""What the sandbox answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """Whether every test passed; otherwise the first failure in a line.

    `sure`: it would be the same again. What was stopped, or ended before its tests had, may owe
    that to a machine that was slow or short of memory.
    """

    passed: bool
    detail: str = ""
    sure: bool = True
