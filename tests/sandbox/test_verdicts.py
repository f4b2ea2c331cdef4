"""Verdicts kept from run to run: only those that would be the same again."""

import random
import sqlite3
from pathlib import Path

import pytest

from lai import sandbox
from lai.core.params.schema import SandboxParams
from lai.sandbox import verdicts
from lai.sandbox.base import Outcome
from lai.sandbox.verdicts import Verdicts

TESTS = ["assert f() == 1"]
# No two runs of it fail alike: a message that comes again was kept.
CHANGING = "import os\ndef f():\n    raise ValueError(os.urandom(8).hex())"


@pytest.fixture
def kept(tmp_path):
    yield tmp_path / "deep" / "verdicts.sqlite"
    sandbox.configure(SandboxParams())


def rows(path: Path) -> int:
    with sqlite3.connect(path) as database:
        (count,) = database.execute("SELECT count(*) FROM verdicts").fetchone()
    return int(count)


def a_new_process(path: Path, **limits) -> None:
    """What a process forgets at its end is forgotten."""
    sandbox.configure(SandboxParams())
    sandbox.configure(SandboxParams(**limits), kept=path)


def test_a_verdict_is_given_again_without_running_the_program(kept):
    a_new_process(kept)
    first = sandbox.run(CHANGING, TESTS)
    assert not first.passed and "ValueError" in first.detail
    assert sandbox.run("def f():\n    return 1", TESTS).passed
    a_new_process(kept)
    assert sandbox.run(CHANGING, TESTS) == first
    assert sandbox.run("def f():\n    return 1", TESTS).passed
    assert rows(kept) == 2


@pytest.mark.parametrize("change", ["program", "tests", "time", "entry", "limits", "code"])
def test_whatever_may_change_a_verdict_has_it_given_anew(kept, change, monkeypatch):
    a_new_process(kept)
    first = sandbox.run(CHANGING, TESTS, entry="f")
    if change == "code":
        monkeypatch.setattr("lai.sandbox.pool.code", lambda: "another")
    a_new_process(kept, **{"memory": 1 << 29} if change == "limits" else {})
    again = sandbox.run(
        CHANGING + ("\n" if change == "program" else ""),
        TESTS * (2 if change == "tests" else 1),
        2.5 if change == "time" else None,
        "" if change == "entry" else "f",
    )
    assert again.detail != first.detail
    assert rows(kept) == 2


@pytest.mark.parametrize(
    "program",
    [
        "def f():\n    while True: pass",
        "import os\ndef f():\n    os._exit(0)",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\ndef f(): return 1",
    ],
    ids=["too_long", "ended", "killed"],
)
def test_what_did_not_come_to_its_end_is_run_again(kept, program):
    a_new_process(kept, seconds=1.0)
    assert not sandbox.run(program, TESTS).passed
    assert rows(kept) == 0


def test_a_damaged_file_costs_a_warning_and_no_run(kept, capsys):
    kept.parent.mkdir()
    kept.write_bytes(random.Random(1).randbytes(5000))
    a_new_process(kept)
    assert sandbox.run("def f():\n    return 1", TESTS).passed
    assert not sandbox.run("def f():\n    return 2", TESTS).passed
    said = capsys.readouterr().err
    assert said.count("where verdicts on programs are kept") == 1
    assert str(kept) in said and "delete it" in said


def test_a_folder_that_cannot_be_written_costs_a_warning(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    a_new_process(tmp_path / "file" / "verdicts.sqlite")
    assert sandbox.run("def f():\n    return 1", TESTS).passed
    assert capsys.readouterr().err.count("where verdicts on programs are kept") == 1
    sandbox.configure(SandboxParams())


def test_text_that_no_file_takes_is_kept_as_what_it_can(tmp_path):
    path = tmp_path / "verdicts.sqlite"
    store = Verdicts(path)
    store.put(b"1", Outcome(False, "half \ud800 and nul \0 of it"))
    store.close()
    assert Verdicts(path).get(b"1") == Outcome(False, "half ? and nul \0 of it")


def test_the_oldest_are_dropped(tmp_path, monkeypatch):
    monkeypatch.setattr(verdicts, "KEPT", 100)
    path = tmp_path / "verdicts.sqlite"
    store = Verdicts(path)
    for number in range(250):
        store.put(str(number).encode(), Outcome(True))
    store.close()
    again = Verdicts(path)
    assert rows(path) == 100
    assert again.get(b"249") and not again.get(b"10")
