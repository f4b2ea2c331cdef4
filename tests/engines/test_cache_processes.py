"""Several processes on one store of replies, and processes that are killed."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from lai.engines.store import waiting
from lai.engines.store.database import Store
from tests.support.asking import ask, ask_in_batches, questions
from tests.support.openai_server import Answer, Server, completion
from tests.support.until import until

pytestmark = pytest.mark.timeout(60)
# Children fork from a server that has the imports, which saves two seconds each.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.support.asking", "lai.engines.openai.engine"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".cache" / "responses.sqlite"


def start(target: Callable[..., None], *arguments: Any) -> ForkServerProcess:
    process = processes.Process(target=target, args=arguments)
    process.start()
    return process


def test_two_processes_pay_for_each_request_once(path: Path, tmp_path: Path) -> None:
    with Server() as server:

        def script(_: dict[str, Any]) -> Answer:
            until(lambda: server.most > 6)  # both have asked
            return completion("fine")

        server.script = script
        barrier = processes.Barrier(2)
        said = [tmp_path / name for name in ("one", "two")]
        running = [start(ask, server.url, str(path), 120, 6, str(name), barrier) for name in said]
        for process in running:
            process.join(30)
            assert process.exitcode == 0
        assert len(server.count) == 120
        assert set(server.count.values()) == {1}
    (one, two) = ([int(word) for word in name.read_text().split()] for name in said)
    assert one[0] == two[0] == 120
    assert one[1] + two[1] == 120
    assert min(one[1], two[1]) > 0


def test_two_processes_do_not_tear_batches_apart(path: Path, tmp_path: Path) -> None:
    barrier = processes.Barrier(2)
    said = [tmp_path / name for name in ("one", "two")]
    running = [
        start(ask_in_batches, str(path), 1000, str(tmp_path / "journal"), str(name), barrier)
        for name in said
    ]
    for process in running:
        process.join(30)
        assert process.exitcode == 0
    keys = [request.key[:8] for request in questions(1000)]
    expected = [" ".join(keys[first : first + 4]) for first in range(0, 1000, 4)]
    assert (tmp_path / "journal").read_text().splitlines() == expected
    assert sorted(name.read_text() for name in said) == ["1000 0 1000", "1000 1000 0"]


def test_a_request_is_taken_over_from_a_process_that_dies(path: Path, tmp_path: Path) -> None:
    released = threading.Event()

    def script(_: dict[str, Any]) -> Answer:
        released.wait(20)
        return completion("fine")

    with Server(script) as server:
        first = start(ask, server.url, str(path), 3, 3, "")
        until(lambda: len(server.bodies) == 3)
        said = tmp_path / "second"
        second = start(ask, server.url, str(path), 3, 3, str(said))
        second.join(1.0)
        assert second.is_alive()
        assert len(server.bodies) == 3
        first.kill()
        first.join()
        released.set()
        second.join(20)
        assert said.read_text() == "3 3 0"


def test_a_stopped_process_that_is_waited_for_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(waiting, "SILENT_SECONDS", 0.2)
    released = threading.Event()

    def script(_: dict[str, Any]) -> Answer:
        released.wait(20)
        return completion("fine")

    def let_go() -> None:
        until(lambda: caplog.messages)
        os.kill(first.pid or 0, signal.SIGCONT)
        released.set()

    with Server(script) as server:
        first = start(ask, server.url, str(path), 3, 3, str(path.with_name("said")))
        until(lambda: len(server.bodies) == 3)
        assert first.pid
        os.kill(first.pid, signal.SIGSTOP)
        threading.Thread(target=let_go).start()
        ask(server.url, str(path), 3, 3, str(path.with_name("said")))
        first.join(20)
        assert len(server.bodies) == 3
    [line] = caplog.messages
    assert line.startswith(f"waiting for process {first.pid}, which ") and "Ctrl-Z" in line


def arrived(server: Server) -> None:
    """Wait until all that a killed client had sent is counted."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port)) as last:
        last.sendall(b"GET / HTTP/1.0\r\n\r\n")
        last.recv(1)  # so every connection before this one was taken
    until(lambda: server.connections == 0)


def test_killed_at_random_points_only_what_was_in_flight_is_paid_again(
    path: Path, tmp_path: Path
) -> None:
    chance = random.Random(7)
    requests = questions(100)
    keys = {request.messages[0]["content"]: request.key for request in requests}
    expected = Counter(keys.values())
    said = tmp_path / "said"
    with Server(lambda _: Answer(200, completion("fine").body, delay=0.01)) as server:

        def asked() -> Counter[str]:
            return Counter(keys[body["messages"][0]["content"]] for body in list(server.bodies))

        for kill in range(6):
            process = start(ask, server.url, str(path), len(requests), 5, str(said))
            goal = len(server.bodies) + chance.randrange(8, 20)
            while len(server.bodies) < goal and process.is_alive():
                time.sleep(chance.random() * 0.005)
            assert process.is_alive()
            process.kill()
            process.join()
            arrived(server)
            with Store(path) as store:
                have = store.get(list(keys.values()))
            in_flight = [key for key in asked() if key not in have]
            assert len(in_flight) <= 5, f"kill {kill}"
            expected.update(in_flight)
        last = start(ask, server.url, str(path), len(requests), 5, str(said))
        last.join(20)
        assert said.read_text().startswith("100 ")
        assert asked() == expected
