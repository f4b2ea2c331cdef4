"""What the environment says of proxies and certificates, and what is told of it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lai.core.errors import PipelineError
from lai.core.params.runtime import BudgetParams, EndpointParams
from lai.engines.openai import surroundings
from lai.engines.openai.engine import OpenAIEngine
from lai.engines.store.ledger import Ledger
from tests.support.openai_client import OK, ask, engine_for, request
from tests.support.openai_server import Server

pytestmark = pytest.mark.usefixtures("environment", "plain")


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without proxies and certificates of this machine's."""
    names = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file")
    for name in (*names, *map(str.upper, names)):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("name", "said"),
    [("none.pem", "No such file"), ("junk.pem", "NO_CERTIFICATE"), ("", "Is a directory")],
)
def test_a_file_of_certificates_that_is_none_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    (tmp_path / "junk.pem").write_text("junk")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / name))
    with Server(lambda _: OK) as server, pytest.raises(PipelineError, match=said) as caught:
        ask(server)
    assert "environment variable SSL_CERT_FILE" in str(caught.value)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    "value", ["ftp://user:passw0rd@x", "http://passw0rd@[x", "http://:1", "x:passw0rd"]
)
def test_a_proxy_that_is_none_is_one_line_without_its_password(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(PipelineError, match=f"{name} holds no http:// address") as caught:
        engine_for("http://127.0.0.1:1/v1")
    assert "passw0rd" not in str(caught.value)


@pytest.mark.parametrize("value", ["", "proxy:3128", "http://user:passw0rd@10.0.0.1:3128"])
def test_a_proxy_is_taken(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    surroundings.check("https://api.example.org/v1")


def test_a_proxy_that_speaks_socks_is_in_the_way_of_its_own_hosts_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = pytest.raises(PipelineError, match=r"ALL_PROXY holds no http:// .* NO_PROXY")
    monkeypatch.setenv("ALL_PROXY", "socks5://10.0.0.1:1080")
    with none:
        engine_for("https://api.example.org/v1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    endpoint = EndpointParams(base_url="https://api.example.org/v1")
    with Ledger(tmp_path / "l.sqlite", BudgetParams()) as ledger:
        with none:
            list(OpenAIEngine(endpoint, ledger=ledger).generate([request()]))
        assert ledger.totals().by_note == {}


@pytest.mark.parametrize(
    "kept", ["127.0.0.1", "127.0.0.0/8", "127.0.0.1:{port}", "http://127.0.0.1", "x, *"]
)
def test_a_host_of_no_proxy_is_reached_past_socks_and_dead_proxies(
    monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    with Server(lambda _: OK) as server:
        port = str(urlsplit(server.url).port)
        monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
        monkeypatch.setenv("NO_PROXY", kept.format(port=port))
        assert ask(server).text == "fine"
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with pytest.raises(PipelineError, match=r"nobody listens there .*\.base_url$"):
        list(engine_for(f"http://127.0.0.1:{port}/v1").generate([request()]))


@pytest.mark.parametrize("kept", ["[::1]", "::/64"])
def test_a_dead_server_of_no_proxy_is_not_taken_for_the_proxy(
    monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", kept)
    with pytest.raises(PipelineError) as caught:
        list(engine_for("http://[::1]:9/v1").generate([request()]))
    assert "HTTP_PROXY" not in str(caught.value)


@pytest.mark.parametrize(
    ("proxy", "said"),
    [("http://127.0.0.1:9", "no proxy listens"), ("socks5://127.0.0.1:9", "one of SOCKS")],
)
def test_a_dot_in_no_proxy_keeps_no_host_of_that_very_name(
    monkeypatch: pytest.MonkeyPatch, proxy: str, said: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", ".localhost")
    with Server(lambda _: OK) as server, pytest.raises(PipelineError, match=said):
        url = server.url.replace("127.0.0.1", "localhost")
        list(engine_for(url).generate([request()]))


@contextlib.contextmanager
def refusing() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that lets nobody through without a login: its address, and what it was sent."""
    heads: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):  # closed
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        heads.append(connection.recv(65536).split(b"\r\n")[0])
                        connection.sendall(
                            b"HTTP/1.1 407 Who are you?\r\ncontent-length: 0\r\n\r\n"
                        )

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listening.getsockname()[1]}", heads
        listening.shutdown(socket.SHUT_RDWR)


def test_a_proxy_that_wants_a_login_is_named_and_nothing_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = EndpointParams(base_url="https://api.example.org/v1")
    with refusing() as (address, heads), Ledger(tmp_path / "l.sqlite", BudgetParams()) as ledger:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:passw0rd@{address}")
        with pytest.raises(PipelineError, match=r"\(HTTP 407\); mend HTTPS_PROXY") as caught:
            list(OpenAIEngine(endpoint, ledger=ledger).generate([request()]))
        assert heads == [b"CONNECT api.example.org:443 HTTP/1.1"]
        assert ledger.totals().by_note == {}
        assert "passw0rd" not in str(caught.value)
        monkeypatch.setenv("HTTP_PROXY", f"http://{address}")
        with pytest.raises(PipelineError, match=r"HTTP 407; .* put them into HTTP_PROXY"):
            list(engine_for("http://api.example.org/v1").generate([request()]))


def test_a_proxy_that_is_not_there_is_named_in_place_of_the_url(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        proxy = f"http://user:passw0rd@127.0.0.1:{unused.getsockname()[1]}"
        monkeypatch.setenv("https_proxy", proxy)
        with pytest.raises(PipelineError, match=r"no proxy listens .* mend https_proxy") as caught:
            list(engine_for("https://api.example.org/v1").generate([request()]))
    assert "passw0rd" not in str(caught.value)
    assert "nobody listens" not in str(caught.value)


def test_it_is_told_whose_name_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    monkeypatch.setenv("NO_PROXY", "api.example.org:8443")
    with pytest.raises(PipelineError, match=r"no host of this name is known; .* network$"):
        list(engine_for("https://api.example.org:8443/v1").generate([request()]))
    with pytest.raises(PipelineError, match=r"no host of the proxy's name .* mend HTTPS_PROXY"):
        list(engine_for("https://other.example.org/v1").generate([request()]))
