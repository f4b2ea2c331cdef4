"""What is asked of the sandbox and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Require = Literal["auto", "bwrap"]


@dataclass(frozen=True)
class Limits:
    """Of one program: `seconds` of wall time, `memory` and `output` in bytes, `processes`.

    `output` holds for the files a program writes and for each value it returns. `processes` counts
    threads: new processes are refused wherever there is a system-call filter.
    """

    seconds: float = 3.0
    memory: int = 1 << 30
    output: int = 1 << 20
    processes: int = 32


@dataclass(frozen=True)
class Outcome:
    """Whether every test passed; otherwise the first failure in a line."""

    passed: bool
    detail: str = ""
