"""Keys and URLs: where they come from, what is refused, and that no secret is shown."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from lai.core.errors import PipelineError
from lai.core.params.runtime import EndpointParams
from lai.engines.openai.client import client
from lai.engines.openai.endpoint import is_local, resolve
from tests.support.openai_client import OK, ask, engine_for, request
from tests.support.openai_server import KEY, Answer, Script, Server, in_turn, problem

pytestmark = pytest.mark.usefixtures("environment")
Serve = Callable[[Script], Server]


@pytest.mark.parametrize(
    "url",
    [
        *("localhost:8000", "ftp://host/v1", "http://", "http://a b/v1", "http://[1/v1"),
        *("nonsense", "https://api..example.org/v1", "http://./v1", f"http://{'a' * 64}.org/v1"),
        "http://localhost/v1\x7f",
    ],
)
def test_a_url_that_is_none_is_named(url: str) -> None:
    with pytest.raises(PipelineError, match=r"runtime\.instructor\.base_url is no"):
        engine_for(url)


@pytest.mark.parametrize(
    "url",
    ["https://user:passw0rd@host/v1", "https://host/v1?key=passw0rd", "https://h/v1#passw0rd"],
)
def test_a_url_with_a_secret_is_refused(url: str) -> None:
    with pytest.raises(PipelineError, match="OPENAI_API_KEY") as caught:
        engine_for(url)
    assert "passw0rd" not in str(caught.value)


@pytest.mark.parametrize(
    ("provider", "url"),
    [("openai", ""), ("OpenAI", ""), ("", ""), ("vllm", "http://localhost:8000/v1")],
)
def test_a_provider_with_a_server_is_taken(
    monkeypatch: pytest.MonkeyPatch, provider: str, url: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    found = resolve(EndpointParams(base_url=url or None), "instructor", provider)
    assert found.url == (url or "https://api.openai.com/v1")


def test_a_provider_without_a_server_is_not_sought_at_openai(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with pytest.raises(
        PipelineError, match=r"judge\.provider is vllm, but runtime\.judge\.base_url"
    ):
        resolve(EndpointParams(), "judge", "vllm")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:8000/v1")
    assert resolve(EndpointParams(), "judge", "vllm").url == "http://localhost:8000/v1"


def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(PipelineError, match=r"api\.example\.org.*OPENAI_API_KEY.*\.env"):
        engine_for("https://api.example.org/v1")
    with pytest.raises(PipelineError, match="OTHER_KEY"):
        engine_for("https://api.example.org/v1", api_key_env="OTHER_KEY")


def test_a_local_server_needs_no_key(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    server = serve(lambda _: OK)
    ask(server)
    assert server.headers[0]["authorization"] == "Bearer EMPTY"
    local = ("localhost", "127.0.0.5", "::1", "0.0.0.0", "192.168.1.7", "vllm", "box.local")
    assert all(is_local(host) for host in local)
    assert not any(is_local(host) for host in ("api.openai.com", "8.8.8.8", "local.example.org"))


def test_an_account_at_openai_is_named_to_nobody_else(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-1")
    server = serve(lambda _: OK)
    ask(server)
    ask(server, api_version="2024-10-21")
    for headers in server.headers:
        assert not {"openai-organization", "openai-project"} & headers.keys()
    params = EndpointParams()
    openai = client(resolve(params, "instructor"), params)
    assert (openai.organization, openai.project) == ("org-1", "project-1")


def test_the_key_may_stand_in_a_file(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    (tmp_path / ".env").write_text("# keys\nexport OPENAI_API_KEY='sk-from-$file'\n")
    server = serve(lambda _: OK)
    ask(server)
    monkeypatch.setenv("OPENAI_API_KEY", " sk-from-environment\n")
    ask(server)
    sent = [headers["authorization"] for headers in server.headers]
    assert sent == ["Bearer sk-from-$file", "Bearer sk-from-environment"]


def test_no_secret_is_ever_shown(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tells = problem(500, f"you sent Bearer {KEY} and {KEY[:-2]}")
    server = serve(in_turn(problem(400, f"no seed for {KEY}"), tells))
    said = []
    for answer in (tells, problem(401, f"bad key {KEY}"), Answer(200, f"{KEY} is no JSON")):
        server.script = in_turn(problem(400, f"no seed for {KEY}"), answer)
        with pytest.raises(PipelineError) as caught:
            list(engine_for(server.url, max_retries=1).generate([request(seed=1)]))
        said.append(f"{caught.value!r} {caught.value.__cause__!r}")
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\u2026")
    with pytest.raises(PipelineError, match="OPENAI_API_KEY") as caught:
        engine_for(server.url)
    said.append(repr(caught.value))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    said.append(repr(resolve(EndpointParams(base_url=server.url), "instructor")))
    shown = "\n".join([*said, caplog.text])
    assert "going on without" in shown
    assert KEY[3:-3] not in shown
