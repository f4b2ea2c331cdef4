"""`lai tasks`: what is known is printed at once, and an absent Hub is noticed in seconds."""

import json
import socket
import time

import pytest

from lai.core import params
from lai.core.errors import PipelineError
from lai.core.params.schema import PrepareParams
from lai.core.params.tasks import TaskParams
from lai.tasks import hub, listing
from lai.tasks.loading import load

HUB = {"family": "math", "role": "ood", "scorer": "number", "prompt": "number"}


@pytest.fixture
def local(tmp_path):
    rows = [{"input": f"{n} + {n}?", "reference": str(2 * n)} for n in range(20)]
    path = tmp_path / "test.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return TaskParams.model_validate({**HUB, "licence": "MIT", "test": {"files": str(path)}})


@pytest.fixture
def remote():
    return TaskParams.model_validate({**HUB, "test": {"hub": "org/data"}})


def at(monkeypatch, endpoint):
    from huggingface_hub import constants

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    hub._asked.cache_clear()


def test_local_tasks_come_first_and_their_lines_before_anything_else_is_loaded(
    local, remote, monkeypatch
):
    def rows(source, config):
        raise AssertionError("asked too early")

    monkeypatch.setattr(hub, "rows", rows)
    lines = listing.listing({"far": remote, "near": local}, PrepareParams(), 1)
    assert next(lines).split() == [*listing.COLUMNS[:-1], "loads", "here"]
    assert next(lines).split() == ["near", "math", "ood", "number", "MIT", "-", "-", "20", "yes"]
    with pytest.raises(AssertionError, match="too early"):
        next(lines)


def test_a_hub_that_refuses_is_asked_once_and_told_once(local, remote, monkeypatch):
    at(monkeypatch, "http://127.0.0.1:9")
    start = time.monotonic()
    tasks = {"one": remote, "two": remote, "near": local}
    lines = list(listing.listing(tasks, PrepareParams(), 1))
    assert time.monotonic() - start < 10
    assert hub._asked.cache_info().misses == 1
    assert [line.split()[0] for line in lines[1:4]] == ["near", "one", "two"]
    assert lines[2].endswith("no: Hub out of reach")
    (reason,) = lines[4:]
    assert reason.startswith("\none, two: the Hugging Face Hub is out of reach (http://127.0.0.1:9")
    assert max(map(len, reason.splitlines())) <= 100
    with pytest.raises(
        PipelineError,
        match=r"cannot load org/data \(default, train\): the .* is out of reach .* `files` instead",
    ):
        load({"one": remote}, PrepareParams(), 1)


def test_a_hub_that_accepts_and_never_answers_is_left_in_time(monkeypatch):
    monkeypatch.setattr(hub, "PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        at(monkeypatch, f"http://127.0.0.1:{server.getsockname()[1]}")
        start = time.monotonic()
        assert hub.out_of_reach()
        assert time.monotonic() - start < 5


def test_a_hub_that_answers_is_within_reach_whatever_it_says(monkeypatch):
    import huggingface_hub

    class Session:
        status = 200

        def head(self, url, **options):
            return type("Response", (), {"status_code": self.status})

    session = Session()
    monkeypatch.setattr(huggingface_hub, "get_session", lambda: session)
    for status, reason in [(200, ""), (404, ""), (401, ""), (503, "http://hub answers 503")]:
        at(monkeypatch, "http://hub")
        session.status = status
        assert hub.out_of_reach() == reason


def test_what_does_not_load_says_why_below(local, tmp_path):
    absent = local.model_copy(update={"prompt": "nummer"})
    lines = list(listing.listing({"a": absent, "near": local}, PrepareParams(), 1))
    assert lines[1].endswith("no: see below")
    assert lines[2].endswith("yes")
    assert "a: prompts/target/nummer.jinja does not exist; did you mean number?" in lines[3]
    columns = [line.index(word) for line, word in zip(lines, ["loads", "no:", "yes"], strict=False)]
    assert len(set(columns)) == 1


def test_prompts_are_shown_as_rendered_with_their_references(local):
    told = listing.shown("near", local, PrepareParams(), 2, lambda chat: chat[0]["content"])
    assert told.count("=== sample_") == told.count("--- the reference answer is: ") == 2
    assert "Reason step by step" in told


def test_every_declared_benchmark_is_known_once():
    names = list(listing.known(params.load()))
    assert {"mmlu", "gsm8k", "bbh", "humaneval"} <= set(names)
    assert len(names) == len(set(names))
