"""Addresses where nobody answers, or somebody else, or nobody any more."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.faults.fault import AGAIN, GIVEN_UP, Fault, Happening, answers, final
from tests.faults.scene import Scene
from tests.support.openai_server import Answer, Server


def _moved(status: int) -> Answer:
    return Answer(status, headers={"location": "https://elsewhere.example/v1/chat/completions"})


_MOVED = (
    "HTTP {}, it has moved to https://elsewhere.example/v1/chat/completions; mend "
    "runtime.instructor.base_url: requests are sent, and the key shown, to no other address"
)


@contextlib.contextmanager
def _nobody_listens(scene: Scene) -> Iterator[None]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        scene.url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        yield


@contextlib.contextmanager
def _down(scene: Scene, seconds: float | None) -> Iterator[None]:
    """The server ends when the victim asks, and is back after so many seconds, or not so soon."""
    # No connection is kept open, or its thread would outlive the server.
    scene.every = lambda answer: replace(answer, headers={**answer.headers, "connection": "close"})
    port = int(scene.url.rpartition(":")[2].removesuffix("/v1"))
    gone = threading.Event()

    def restart() -> None:
        gone.wait(10)
        scene.server.__exit__()
        if seconds is not None:
            time.sleep(seconds)
            scene.server = Server(scene.script, port)

    def end(connection: socket.socket) -> None:
        gone.set()
        # The client is told once nobody listens any more.
        time.sleep(0.2)

    keeper = threading.Thread(target=restart)
    keeper.start()
    with answers(Answer(raw=end))(scene):
        yield
    keeper.join()
    if seconds is None:
        scene.server = Server(scene.script, port)


def _restarts(scene: Scene) -> contextlib.AbstractContextManager[None]:
    return _down(scene, 0.5)


def _stays_down(scene: Scene) -> contextlib.AbstractContextManager[None]:
    return _down(scene, None)


def _fail_to_resolve(number: int) -> None:
    """Have every name looked up in vain, whatever network there is."""

    def getaddrinfo(*_: object, **__: object) -> None:
        raise socket.gaierror(number, "no such name")

    socket.getaddrinfo = getaddrinfo


def _at_no_host(number: int) -> Happening:
    @contextlib.contextmanager
    def happening(scene: Scene) -> Iterator[None]:
        scene.url = "http://instructor.example/v1"
        scene.before = partial(_fail_to_resolve, number)
        yield

    return happening


def _no_openssl() -> str:
    return "" if shutil.which("openssl") else "needs openssl"


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that no authority has signed, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext".split()
    files = ["-out", certificate, "-keyout", key]
    subprocess.run(
        [*command, "subjectAltName=IP:127.0.0.1", *files], check=True, capture_output=True
    )
    return certificate, key


@contextlib.contextmanager
def _self_signed(scene: Scene) -> Iterator[None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*_certificate(scene.folder))
    with Server(scene.script) as secured:
        secured._http.socket = context.wrap_socket(secured._http.socket, server_side=True)
        scene.url = secured.url.replace("http:", "https:")
        yield


def _trust(certificate: Path) -> None:
    os.environ["SSL_CERT_FILE"] = str(certificate)


@contextlib.contextmanager
def _trusted(scene: Scene) -> Iterator[None]:
    scene.before = partial(_trust, scene.folder / "certificate.pem")
    with _self_signed(scene):
        yield


@contextlib.contextmanager
def _no_tls(scene: Scene) -> Iterator[None]:
    scene.url = scene.url.replace("http:", "https:")
    yield


_RESOLVER = "the connection failed (no such name)"

FAULTS = [
    Fault(
        "refused from the start",
        _nobody_listens,
        (
            "error: URL: nobody listens there (connection refused); start the server, or mend "
            "runtime.instructor.base_url",
        ),
        1,
    ),
    Fault(
        "an unknown host",
        _at_no_host(socket.EAI_NONAME),
        (
            "error: URL: no host of this name is known; mend runtime.instructor.base_url, or "
            "this machine's network",
        ),
        1,
    ),
    Fault(
        "no name service",
        _at_no_host(socket.EAI_AGAIN),
        (AGAIN.format(_RESOLVER), GIVEN_UP.format(_RESOLVER)),
        1,
    ),
    Fault(
        "a self-signed certificate",
        _self_signed,
        (
            "error: URL: its certificate is not trusted (self…signed certificate); name the file "
            "of its authority's in the environment variable SSL_CERT_FILE, or mend "
            "runtime.instructor.base_url",
        ),
        1,
        skip=_no_openssl,
    ),
    Fault("a self-signed certificate, named in SSL_CERT_FILE", _trusted, skip=_no_openssl),
    Fault(
        "https:// where there is no TLS",
        _no_tls,
        (
            "error: URL: no TLS connection came about (…); mend "
            "runtime.instructor.base_url (http or https)",
        ),
        1,
    ),
    final("301", _moved(301), _MOVED.format(301)),
    final("307", _moved(307), _MOVED.format(307)),
    final(
        "304",
        Answer(304),
        "HTTP 304; the server does not take the request; check the params of instructor",
    ),
    Fault(
        "the server restarts",
        _restarts,
        (AGAIN.format("the connection failed (…)"),),
        scene={"params": {"max_retries": 9}},
    ),
    Fault(
        "the server goes down and stays so",
        _stays_down,
        (
            AGAIN.format("the connection failed (…)"),
            GIVEN_UP.format("the connection failed (Connection refused)"),
        ),
        1,
    ),
]
