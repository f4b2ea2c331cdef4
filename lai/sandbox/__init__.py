"""Runs generated programs where they can neither harm nor cheat, as far as this machine allows.

`run` hands a program and its tests to a warm server inside the sandbox. There the program runs in
one process and its tests in another: it is only ever called, and sees no test and no expected
value. The best backend that works here is found by trying it (`lai.sandbox.probe`); docs/SANDBOX.md
says what each one keeps out.
"""

from __future__ import annotations

from pathlib import Path

from lai.core.params.schema import SandboxParams
from lai.sandbox.base import Outcome
from lai.sandbox.pool import POOL, workers

__all__ = ["Outcome", "configure", "run", "workers"]


def configure(
    params: SandboxParams, side_by_side: int | None = None, kept: Path | None = None
) -> None:
    """Set the limits of every program, what isolation is required, and how many run at a time.

    For the programs started from now on; none may be running. `kept`: the file that verdicts are
    kept in from run to run; without one they are forgotten at the end of the process.
    """
    POOL.configure(params, side_by_side, kept)


def run(
    program: str,
    tests: list[str],
    seconds: float | None = None,
    entry: str = "",
    again: bool = False,
) -> Outcome:
    """Run `program`, then each statement of `tests` against it, within `seconds` of wall time.

    `entry`: the function under test, where it is known. If it bears a builtin's name, the program's
    takes that one's place in the tests; no other name of Python's own does.

    A pair that has run before is not run again, unless it was stopped or did not come to its end;
    with `again` it is, once, in an interpreter with another hash seed: a program that answers by
    chance, or by the order of a set, may come to another verdict there.

    Raises: PipelineError when no backend works here, or not the one required.
    """
    return POOL.run(program, tests, seconds, entry, again)
