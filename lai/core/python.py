"""Python source that others wrote, read without running it."""

from __future__ import annotations

import ast
import contextlib
import threading
import warnings
from collections.abc import Iterable, Iterator

SMALL = 1 << 15
"""Characters that this process reads and compiles in any case within 0.4 s and 150 MB.

The compiler takes more than linear time and memory for some sources (long names above many lambdas,
f-strings of many parts), so what is longer and written by a model is for the sandbox."""
# `warnings` has one list of filters for all threads.
_WARNINGS = threading.Lock()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """No warning about what is read or compiled; one thread at a time."""
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def parsed(source: str) -> ast.Module | None:
    """The module in `source`, or None where it is no Python."""
    try:
        with quiet():
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def small(sources: Iterable[str]) -> bool:
    """Whether all of `sources` together are short enough to be read here; each counts by itself."""
    return sum(len(one) + 16 for one in sources) <= SMALL
