"""What a call has changed in its arguments, told to the side that holds the originals."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

MUTABLE = (list, dict, set, bytearray, deque)


def changed(given: Any, raw: Any, encode: Callable[[Any], Any]) -> list[Any]:
    """[place or name, value] of each argument that differs from how it came (`raw`).

    `given` and `raw`: the positional arguments as a list, or the named ones as pairs.
    """
    found = []
    for (place, argument), before in zip(given, raw, strict=True):
        if isinstance(argument, MUTABLE) or (type(argument) is tuple and _holds(argument)):
            now = encode(argument)
            if now != before and ["base", now] != before:
                found.append([place, now])
    return found


def _holds(values: tuple[Any, ...]) -> bool:
    return any(
        isinstance(value, MUTABLE) or (type(value) is tuple and _holds(value)) for value in values
    )


def restore(original: Any, now: Any) -> None:
    """Make the caller's own container what the callee has made of its copy."""
    if isinstance(original, list | bytearray):
        original[:] = now
    elif isinstance(original, dict | set):
        original.clear()
        original.update(now)
    elif isinstance(original, deque):
        original.clear()
        original.extend(now)
    elif type(original) is tuple and type(now) is tuple and len(original) == len(now):
        for one, other in zip(original, now, strict=True):
            restore(one, other)
