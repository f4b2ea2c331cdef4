"""Frames over file descriptors: four bytes of length, big-endian, then so many bytes of JSON."""

from __future__ import annotations

import json
import os
from typing import Any

HEADER = 4


class ClosedError(Exception):
    """The other side has closed its end, or sent what is no frame."""


def exactly(source: int, size: int) -> bytes:
    """`size` bytes from the descriptor `source`. Raises: ClosedError."""
    parts = []
    while size:
        try:
            part = os.read(source, min(size, 1 << 20))
        except OSError as error:
            raise ClosedError from error
        if not part:
            raise ClosedError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def everything(target: int, data: bytes) -> None:
    """Write all of `data`. Raises: ClosedError."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(target, view) :]
        except OSError as error:
            raise ClosedError from error


def send(target: int, message: Any) -> int:
    """Send a JSON value as a frame; returns its bytes. Raises: ClosedError."""
    data = json.dumps(message, separators=(",", ":")).encode("utf-8", "surrogatepass")
    everything(target, len(data).to_bytes(HEADER, "big") + data)
    return len(data)


def receive(source: int, most: int) -> Any:
    """The next JSON value, up to `most` bytes. Raises: ClosedError, ValueError, RecursionError."""
    size = int.from_bytes(exactly(source, HEADER), "big")
    if size > most:
        raise ValueError(f"a message of {size} bytes, where {most} are allowed")
    return json.loads(exactly(source, size))
