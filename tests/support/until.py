"""Waiting in tests for what comes, however slow the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS = 60.0


def until(reached: Callable[[], object]) -> None:
    """Wait for what is to come. Raises: AssertionError where it does not, for `SECONDS`."""
    deadline = time.monotonic() + SECONDS
    while not reached():
        assert time.monotonic() < deadline, "what is waited for does not come"
        time.sleep(0.005)
