"""Connections that are cut or stalled, or carry something else than HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.faults.fault import AGAIN, Fault, always, once
from tests.faults.scene import Scene
from tests.support.openai_server import Answer, completion

_BODY = str(completion(json.dumps({"skill": "s", "misconception": "m", "explanation": "e"})).body)
_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
_WHOLE = f"{_HEAD}content-length: {len(_BODY)}\r\n\r\n"
_CHUNKED = f"{_HEAD}transfer-encoding: chunked\r\n\r\n"
_SOON = {"params": {"timeout": 1.0}}
_SHORT = (
    "the connection failed (ContentLengthError: Not enough data to satisfy content length header "
    "(received {} bytes).)"
)
_RESET = "the connection failed (Connection reset by peer)"
_GONE = "the connection failed (ServerDisconnectedError: Server disconnected)"
_CUT = "it never arrived whole"
_TOO_LATE = "it came too late"
_LATE = "no answer within 1 s"


def _raw(text: str, then: Callable[[socket.socket], None] = lambda _: None) -> Answer:
    """Write `text`, do something with the connection, and close it."""

    def write(connection: socket.socket) -> None:
        connection.sendall(text.encode("latin-1"))
        then(connection)

    return Answer(raw=write)


def _reset(connection: socket.socket) -> None:
    """Drop the connection without a farewell."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())


def _half_close(connection: socket.socket) -> None:
    """Say that no more will come, and go on listening."""
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        pass


def _say_nothing(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def _drip(text: str) -> Callable[[socket.socket], None]:
    """Write `text` for ever, so that no wait for a single piece is long."""

    def drip(connection: socket.socket) -> None:
        while True:
            connection.sendall(text.encode())
            time.sleep(0.1)

    return drip


def _flood(connection: socket.socket) -> None:
    while True:
        connection.sendall(b" " * 65536)


@contextlib.contextmanager
def _closes_idle_connections(scene: Scene) -> Iterator[None]:
    # All of the body, and then the end of a connection that the head promised to keep.
    scene.every = lambda answer: replace(answer, cut=len(answer.body))
    yield


FAULTS = [
    once("reset before the answer", _raw("", _reset), _RESET),
    always("reset before the answer", _raw("", _reset), _RESET),
    once(
        "reset within the body",
        _raw(_WHOLE + _BODY[:40], _reset),
        "the connection failed (…)",
        _CUT,
    ),
    once("closed before the answer", _raw(""), _GONE),
    once("half-closed before the answer", _raw("", _half_close), _GONE),
    once(
        "half-closed within the body",
        _raw(_WHOLE + _BODY[:40], _half_close),
        _SHORT.format("40 of …"),
        _CUT,
    ),
    Fault(
        "kept-alive connections closed between requests",
        _closes_idle_connections,
        # Where the next request is sent in the very moment of the closing.
        maybe=AGAIN.format("the connection failed (ServerDisconnectedError: Server disconnected)"),
    ),
    once("slow first byte", _raw("", _say_nothing), _LATE, _TOO_LATE, scene=_SOON),
    once(
        "first bytes, then nothing",
        _raw(_WHOLE + _BODY[:40], _say_nothing),
        _LATE,
        _TOO_LATE,
        scene=_SOON,
    ),
    always(
        "first bytes, then nothing",
        _raw(_WHOLE + _BODY[:40], _say_nothing),
        _LATE,
        _TOO_LATE,
        scene=_SOON,
    ),
    once(
        "one byte now and then, for ever",
        _raw(f"{_HEAD}content-length: 9999\r\n\r\n", _drip(" ")),
        _LATE,
        _TOO_LATE,
        scene=_SOON,
    ),
    once(
        "one header now and then, for ever",
        _raw(_HEAD, _drip("x-wait: 1\r\n")),
        _LATE,
        _TOO_LATE,
        scene=_SOON,
    ),
    once(
        "chunks broken off",
        _raw(f"{_CHUNKED}20\r\n{_BODY[:32]}\r\n"),
        "the connection failed (TransferEncodingError: Not enough data to satisfy transfer length "
        "header.)",
        _CUT,
    ),
    once(
        "chunks of no length",
        _raw(f"{_CHUNKED}zz\r\n{_BODY[:32]}\r\n"),
        "the connection failed (BadHttpMessage: Invalid character in chunk size: b'zz' ^)",
        _CUT,
    ),
    once(
        "Content-Length longer than the body",
        _raw(f"{_HEAD}content-length: 99999\r\n\r\n{_BODY}"),
        _SHORT.format("… of 99999"),
        _CUT,
    ),
    once(
        "Content-Length shorter than the body",
        _raw(f"{_HEAD}content-length: 20\r\n\r\n{_BODY}"),
        "the connection failed (BadStatusLine: …)",
        _CUT,
    ),
    once(
        "a body without end",
        _raw(f"{_HEAD}connection: close\r\n\r\n", _flood),
        "the connection failed (ReadError: the answer has more than 65,536 KiB)",
        _CUT,
    ),
    once(
        "an answer that is no HTTP",
        _raw("SSH-2.0-OpenSSH_9.6\r\n"),
        "the connection failed (BadStatusLine: …)",
    ),
    once(
        "a reason after the status that is no UTF-8",
        _raw(_WHOLE.replace("OK", "Tr\xe8s bien") + _BODY),
        "the connection failed (the line with its status is no UTF-8)",
        "nobody can read it",
    ),
]
