"""A target behind a server: one question before all others, and a word where it says nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lai.core.errors import PipelineError
from lai.core.params.schema import TargetParams
from lai.engines.store.cache import Cached
from lai.engines.target import Target
from lai.evaluation import answer
from tests.support.instructing import demo_errors
from tests.support.openai_client import OK, engine_for
from tests.support.openai_server import KEY, Answer, Script, Server, completion, problem

pytestmark = pytest.mark.usefixtures("environment")
MODEL = Target(iteration="iter0", base="t", base_fingerprint="0" * 64)
TARGET = TargetParams(engine="openai", model="t")
COUNT = 20


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def answered(script: Script, folder: Path) -> tuple[int, Server]:
    """How many questions were answered, and the server."""
    tasks, samples, _, _ = demo_errors("math", COUNT)
    with Server(script) as server:
        engine = Cached(engine_for(server.url, max_retries=1), folder / "responses.sqlite")
        try:
            return len(answer(samples, engine, MODEL, TARGET, tasks)), server
        except PipelineError:
            return 0, server


@pytest.mark.parametrize(
    ("bad", "calls"),
    [
        (problem(404, "The model `t` does not exist"), 1),
        (problem(401, "Incorrect API key"), 1),
        (Answer(200, "{}", {"content-type": "application/json"}), 2),
    ],
)
def test_a_wrong_setting_costs_a_call_and_its_retries(
    tmp_path: Path, bad: Answer, calls: int
) -> None:
    count, server = answered(lambda _: replace(bad, delay=0.05), tmp_path)
    assert (count, len(server.bodies)) == (0, calls)


def test_what_an_earlier_run_was_answered_needs_no_question_ahead(tmp_path: Path) -> None:
    count, server = answered(lambda _: replace(OK, delay=0.02), tmp_path)
    assert count == len(server.bodies) >= COUNT
    assert server.most > 1
    assert answered(lambda _: OK, tmp_path)[1].bodies == []


def test_a_target_that_says_nothing_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert answered(lambda _: completion(""), tmp_path / "empty")[0] >= COUNT
    [warning] = caplog.records
    assert "the first 8 answers of t are empty" in warning.message
    caplog.clear()
    answered(lambda body: completion("" if "7" in str(body) else "1"), tmp_path / "some")
    assert caplog.records == []
