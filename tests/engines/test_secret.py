"""A key in whatever form a server sends it back is neither shown nor stored."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.engines.base import Reply
from lai.engines.openai.secret import Secret
from lai.engines.store.transcripts import Transcribed
from tests.support.batch_server import BatchServer
from tests.support.batching import texts
from tests.support.openai_client import engine_for, request
from tests.support.openai_server import (
    KEY,
    Answer,
    Script,
    Server,
    completion,
    in_turn,
    problem,
)

pytestmark = pytest.mark.usefixtures("environment")
Serve = Callable[[Script], Server]
ODD = 'a+b/c="d\\e'
TOLD = f"you sent Authorization: Bearer {KEY}"


@pytest.mark.parametrize(
    ("key", "said", "shown"),
    [
        ("s3cr", "bad key s3cr, or x-s3cr", "bad key ***, or x-***"),
        ("s3cr", "s3crets, as3cr and s3cr_", "s3crets, as3cr and s3cr_"),
        ("abc", "abc", "abc"),
        ("EMPTY", "the body is EMPTY", "the body is EMPTY"),
        ("0123abcd", "x0123abcdx", "x***x"),
        (ODD, f"key={quote(ODD, safe='')}&x", "key=***&x"),
        (ODD, f"key={quote(ODD)}", "key=***"),
        (ODD, quote(ODD, safe="").lower(), "***"),
        (ODD, json.dumps({"key": ODD}), '{"key": "***"}'),
        (ODD, json.dumps(json.dumps({"key": ODD})), '"{\\"key\\": \\"***\\"}"'),
        (ODD, ODD.replace("+", "\\u002B").replace("/", "\\/"), "***"),
        (KEY, "Incorrect API key: sk-pla***cdef. Find", "Incorrect API key: ***. Find"),
        ("gsk_0123456789", "wrong: gsk_01******89.", "wrong: ***."),
        ("gsk_0123456789", "wrong: gsk_01...89!", "wrong: ***!"),
        ("gsk_0123456789", "wrong: gsk_\u202689", "wrong: ***"),
        ("gsk_0123456789", "wrong: g**************9", "wrong: ***"),
        ("gsk_0123456789", "wrong: gsk\\u005f01234***89", "wrong: ***"),
    ],
)  # fmt: skip
def test_what_is_shown(key: str, said: str, shown: str) -> None:
    assert Secret(key).shown(said) == shown


@pytest.mark.parametrize(
    ("key", "said", "kept"),
    [
        *[(word, f"so {word}, 'tis {word}", None) for word in ("none", "ollama", "1234", "EMPTY")],
        *[(number, f"so {number}", None) for number in ("3.14", "12345678901234567")],
        ("token-abc123", "my token-abc123!", "my ***!"),
        ("s3cret", "**bold** s3cret", "**bold** ***"),
        (KEY, TOLD, "you sent Authorization: Bearer ***"),
        (KEY, "sk-other-0123456789 and sk-pl***", None),
        (KEY, KEY.replace("-", "\\u002d").replace("p", "\\u0070"), "***"),
        (KEY, "".join(f"\\u{ord(one):04X}" for one in KEY), "***"),
        (KEY, "".join(f"%{ord(one):02x}" for one in KEY), "***"),
        (KEY, KEY.upper(), "***"),
        (
            KEY,
            f'{{"a": "\\"{KEY[:12]}***\\"", "b": "{KEY[:9]}...ef"}}',
            '{"a": "\\"***\\"", "b": "***"}',
        ),
        (KEY, KEY[:9].replace("-", "\\u002d") + "\\u2026ef", "***"),
        ("s3cret", "{'a': '\\ns3cret'}", "{'a': '\\n***'}"),
    ],
)
def test_what_is_kept(key: str, said: str, kept: str | None) -> None:
    reply = Reply(request_key="k", text=said, reasoning=said, stop_reason="stop")
    found = Secret(key).kept(reply)
    assert (found.text, found.reasoning) == (kept or said, kept or said)


def test_long_texts_take_no_time() -> None:
    before = time.process_time()
    plain = ("a", "sk-p", "\\", "*a", "sk-p.", "s", KEY[:-1])
    escaped = (KEY[:8] + "\\", KEY[:8] + "\\u" * 400, "\\u0073", "\\u", "%73%6b-")
    for text in (part * (100_000 // len(part)) for part in plain + escaped):
        reply = Reply(request_key="k", text=text, stop_reason="stop")
        for secret in map(Secret, (KEY, ODD, "s3cret")):
            secret.shown(text)
            secret.kept(reply)
    assert time.process_time() - before < 2


def test_a_short_key_is_in_no_message(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "s3cr3t")
    caplog.set_level(logging.DEBUG)
    server = serve(lambda _: problem(401, "s3cr3t is no key of ours"))
    with pytest.raises(PipelineError, match=r"HTTP 401, \*\*\* is no key of ours") as caught:
        list(engine_for(server.url).generate([request()]))
    assert "s3cr3t" not in f"{caught.value!r}{caplog.text}"


def test_a_key_in_a_reply_is_in_no_file(serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda _: completion(TOLD, reasoning_content=TOLD))
    engine = Transcribed(engine_for(server.url), tmp_path / "responses.sqlite")
    (reply,) = engine.generate([request()])
    jsonl.write(tmp_path / "transcript.jsonl", engine.transcript())
    assert server.headers[0]["authorization"] in TOLD
    assert reply.text == reply.reasoning == "you sent Authorization: Bearer ***"
    _check_no_key_in(tmp_path)


def test_a_key_in_a_batch_is_in_no_file(tmp_path: Path) -> None:
    with BatchServer(lambda _: completion(None, refusal=TOLD)) as server:
        assert texts(server, tmp_path) == ["you sent Authorization: Bearer ***"] * 5
    _check_no_key_in(tmp_path)


def _check_no_key_in(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


def test_a_batch_is_told_without_the_key_and_no_id_with_it_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def called(value: dict[str, str]) -> Answer:
        return Answer(200, json.dumps(value), {"content-type": "application/json"})

    answers = {
        "upload": called({"id": f"file-{KEY}"}),
        "create": called({"id": f"batch_{KEY}"}),
        "poll": called({"id": f"batch_{KEY}", "status": f"{KEY}\x1b[2J"}),
    }
    for what in answers:
        odd = {what: answers[what]}
        poll = in_turn(answers["poll"], answers["poll"], problem(400, f"no {KEY}"))

        def step(called: str, _: int, done: bool, odd: Any = odd, poll: Any = poll) -> Any:
            return poll({}) if called == "poll" and "poll" in odd else odd.get(called)

        with BatchServer(step=step) as server, pytest.raises(PipelineError) as caught:
            texts(server, tmp_path / what)
        assert KEY not in f"{caught.value}"
    said = capsys.readouterr().err
    assert "batch batch_***: ***[2J" in said
    assert KEY not in said
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not any(KEY.encode() in path.read_bytes() for path in files)


def test_no_terminal_is_steered(serve: Serve) -> None:
    server = serve(lambda _: problem(400, f"\x1b[31mred\x07 \u202eKEY {KEY[:9]}\x00{KEY[9:]}\nend"))
    with pytest.raises(PipelineError, match=r"HTTP 400, \[31mred KEY \*\*\* end; the server"):
        list(engine_for(server.url).generate([request()]))
