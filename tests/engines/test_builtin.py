"""The tutor's replies are kept as long as its code is the same."""

import shutil
from pathlib import Path

import pytest

from lai import demo
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import InstructorParams
from lai.engines.builtin import fingerprint
from lai.engines.open_instructor import open_instructor
from tests.support.asking import questions


@pytest.fixture
def copied(tmp_path, monkeypatch):
    source = tmp_path / "demo"
    shutil.copytree(next(iter(demo.__path__)), source)
    monkeypatch.setattr(demo, "__path__", [str(source)])
    return source


def asked(folder: Path) -> int:
    engine = open_instructor(InstructorParams(), RuntimeParams(), folder / "responses.sqlite")
    list(engine.generate(questions(1)))
    return engine.asked


def test_a_reply_is_kept_until_the_tutor_changes(tmp_path, copied):
    before = fingerprint()
    assert asked(tmp_path) == 1
    assert asked(tmp_path) == 0
    with (copied / "tutor.py").open("a") as file:
        file.write("\n# changed\n")
    assert fingerprint() != before
    assert asked(tmp_path) == 1
