"""Files and batches of a server that writes so slowly that no wait for a single piece is long."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lai.engines.openai import batch_api
from tests.support.batch_server import BatchServer
from tests.support.batching import echo, expected, texts
from tests.support.openai_server import Answer
from tests.support.until import until

pytestmark = [pytest.mark.usefixtures("environment"), pytest.mark.timeout(60)]
SOON = {"timeout": 0.3, "max_retries": 20}
"""On a slow machine the other calls may take as long, too."""
HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


def _drip(head: str, piece: str) -> Callable[[socket.socket], None]:
    def drip(connection: socket.socket) -> None:
        end = time.monotonic() + 60.0
        connection.sendall(head.encode())
        while time.monotonic() < end:
            connection.sendall(piece.encode())
            time.sleep(0.05)

    return drip


TRICKLES = {
    "body": _drip(f"{HEAD}content-length: 9999\r\n\r\n", " "),
    "headers": _drip(HEAD, "x-wait: 1\r\n"),
}


@pytest.mark.parametrize("trickle", TRICKLES)
@pytest.mark.parametrize("what", ["upload", "list files", "create", "poll", "content"])
def test_no_call_lasts_longer_than_the_time_out(tmp_path: Path, what: str, trickle: str) -> None:
    lasted: list[float] = []

    def slowly(connection: socket.socket) -> None:
        started = time.monotonic()
        try:
            TRICKLES[trickle](connection)
        finally:
            lasted.append(time.monotonic() - started)

    def step(call: str, number: int, done: bool) -> Answer | None:
        if what == "list files" and (call, number, done) == ("upload", 1, True):
            return Answer(cut=-1)
        first = (call, number, done) == (what, 1, True)
        return Answer(raw=slowly) if first else None

    with BatchServer(echo, step=step) as server:
        assert texts(server, tmp_path, **SOON) == expected()
        assert (server.count["upload"], server.count["create"]) == (1, 1)
    until(lambda: lasted)
    assert lasted[0] < 5


def test_a_file_that_takes_long_but_comes_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_api, "SLOWEST", 400)

    def step(call: str, _: int, done: bool) -> Answer | None:
        if call != "content" or done:
            return None
        (name,) = (name for name, file in server.files.items() if file["purpose"] != "batch")
        data = server.contents[name]

        def slowly(connection: socket.socket) -> None:
            connection.sendall(f"{HEAD}content-length: {len(data)}\r\n\r\n".encode())
            for start in range(0, len(data), 100):
                connection.sendall(data[start : start + 100])
                time.sleep(0.05)

        return Answer(raw=slowly)

    started = time.monotonic()
    with BatchServer(echo, step=step) as server:
        assert texts(server, tmp_path, 8, **SOON) == expected(8)
    assert time.monotonic() - started > 2 * 0.3, "it did take long"
