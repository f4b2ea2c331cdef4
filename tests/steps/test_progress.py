"""What the bar says while an instructor is asked, on a terminal."""

from __future__ import annotations

import io
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from lai.asking import ask, request
from lai.asking.solving import SolutionShape
from lai.core.params.schema import InstructorParams
from lai.engines.base import Reply, Request
from lai.engines.store.cache import Cached
from tests.support.asking import reply_to

SECONDS = 0.12
"""A little more than lies between two states of the bar."""
ASKED = [request(f"question {n}", SolutionShape, InstructorParams(), 0) for n in range(48)]


class Terminal(io.StringIO):
    """What is written to it is shown to somebody."""

    def isatty(self) -> bool:
        return True


class Slow:
    """Answers one after the other; every fourth only when it is asked again."""

    commit_every = 1

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """One reply a request."""
        for one in requests:
            time.sleep(SECONDS)
            reply = reply_to(one)
            fits = len(one.messages) > 1 or ASKED.index(one) % 4
            yield reply.model_copy(update={"text": '{"solution": "x"}'}) if fits else reply


def test_the_bar_tells_of_what_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Cached(Slow(), tmp_path / "responses.sqlite")
    monkeypatch.setattr(time, "sleep", lambda _: None)
    assert len(list(engine.generate(ASKED[:40]))) == 40
    monkeypatch.undo()
    monkeypatch.setattr(sys, "stderr", Terminal())
    answered = ask(engine, ASKED, SolutionShape)
    assert all(one.value for one in answered.values())
    shown = sys.stderr.getvalue()  # type: ignore[attr-defined]
    [most] = {max(map(float, re.findall(r"([\d.]+)reply/s", shown)))}
    assert 0 < most <= 1 / SECONDS
    assert "48/48" in shown and "0 failed" in shown and not re.search(r"[1-9]\d* failed", shown)
