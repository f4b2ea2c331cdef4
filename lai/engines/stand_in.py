"""A rehearsal's engine in the place of instructor, judge and target, which then cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from lai.engines.base import Engine

Opener = Callable[[str], Engine | None]
"""Gives what stands in for a role, `instructor`, `judge` or `target`; None where nothing does."""
_OPENER: ContextVar[Opener | None] = ContextVar("opener", default=None)


@contextmanager
def everywhere(opener: Opener) -> Iterator[None]:
    """Within the block whoever opens one of them gets what `opener` gives."""
    before = _OPENER.set(opener)
    try:
        yield
    finally:
        _OPENER.reset(before)


def of(role: str) -> Engine | None:
    """What stands in for `role`; None where nothing does, as outside a rehearsal."""
    opener = _OPENER.get()
    return opener(role) if opener else None
