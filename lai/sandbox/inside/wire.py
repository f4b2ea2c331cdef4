"""Frames over file descriptors: four bytes of length, big-endian, then so many bytes of JSON."""

from __future__ import annotations

import json
import os
from typing import Any

HEADER = 4
CHUNK = 1 << 16
# Made once: json.dumps and json.loads would make or check the like of them for every frame.
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_decode = json.JSONDecoder().raw_decode


class ClosedError(Exception):
    """The other side has closed its end, or sent what is no frame."""


class TooLongError(ValueError):
    """The message is longer than the other side takes."""


def exactly(source: int, size: int) -> bytes:
    """`size` bytes from the descriptor `source`. Raises: ClosedError."""
    held = b""
    while len(held) < size:
        held += _some(source, min(size - len(held), 1 << 20))
    return held


def _some(source: int, most: int) -> bytes:
    try:
        part = os.read(source, most)
    except OSError as error:
        raise ClosedError from error
    if not part:
        raise ClosedError
    return part


def everything(target: int, data: bytes) -> None:
    """Write all of `data`. Raises: ClosedError."""
    try:
        written = os.write(target, data)
        while written < len(data):
            written += os.write(target, memoryview(data)[written:])
    except OSError as error:
        raise ClosedError from error


def send(target: int, message: Any, most: int | None = None) -> None:
    """Send a JSON value as a frame. Raises: ClosedError, RecursionError, TooLongError."""
    data = _encode(message).encode("utf-8", "surrogatepass")
    if most is not None and len(data) > most:
        raise TooLongError(f"{len(data)} bytes, where {most} are allowed (sandbox.output)")
    everything(target, len(data).to_bytes(HEADER, "big") + data)


def decode(data: bytes) -> Any:
    """The JSON value that is all of `data`. Raises: ValueError, RecursionError."""
    text = data.decode("utf-8", "surrogatepass")
    value, end = _decode(text)
    if end != len(text):
        raise ValueError("more than one value in a frame")
    return value


class Reader:
    """Takes frames of up to `most` bytes from a descriptor, each with as few reads as possible."""

    def __init__(self, source: int, most: int) -> None:
        self.source = source
        self._most = most
        self._held = b""

    def receive(self) -> Any:
        """The next JSON value. Raises: ClosedError, ValueError, RecursionError."""
        held = self._held or _some(self.source, CHUNK)
        while len(held) < HEADER:
            held += _some(self.source, CHUNK)
        end = HEADER + int.from_bytes(held[:HEADER], "big")
        if end > HEADER + self._most:
            raise ValueError(f"a message of {end - HEADER} bytes, where {self._most} are allowed")
        if len(held) < end:
            held += exactly(self.source, end - len(held))
        self._held = held[end:]
        return decode(held[HEADER:end])
