"""A small run, and `lai` run in it."""

from __future__ import annotations

import pytest
import yaml

from lai import cli
from lai.core import jsonl
from lai.core.records import Analysis
from lai.engines.base import Exchange, Reply, Request
from tests.support.closure import ROOT
from tests.support.reported import HOSTILE, ITERATIONS, NAMES, TASKS, write


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A run of two iterations, and an exchange that an analysis of the first was made of."""
    root = tmp_path_factory.mktemp("run")
    write(root, question=lambda number: f"Add {number}")
    for name in NAMES:
        jsonl.write_json(root / "data" / name / "gate.json", {"good": name})
    jsonl.write_json(
        root / "data/splits/tasks.json", {name: task.model_dump() for name, task in TASKS.items()}
    )
    params = yaml.safe_load((ROOT / "params.yaml").read_text()) | {"iterations": ITERATIONS}
    (root / "params.yaml").write_text(yaml.safe_dump(params))
    asked = Request(
        provider="p", model="m", messages=[{"role": "user", "content": "Why?\x1b[2J"}], max_tokens=9
    )
    reply = Reply(request_key=asked.key, text="Because \x07of this.", stop_reason="stop")
    folder = root / "data/iter1"
    jsonl.write(folder / "transcripts/analyze.jsonl", [Exchange(request=asked, reply=reply)])
    analysis = jsonl.read(Analysis, folder / "analyses.jsonl")[0]
    made = Analysis.model_validate(
        analysis.model_dump(exclude={"id"})
        | {"request_key": asked.key, "misconception": "\x1b[2J\u202e" + HOSTILE}
    )
    jsonl.write(folder / "late.jsonl", [made])
    return root


@pytest.fixture
def lai(root, monkeypatch, capsys):
    """The command, run there; returns what it printed to both."""

    def run(*arguments, columns=100):
        monkeypatch.chdir(root)
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr("sys.argv", ["lai", *arguments])
        try:
            cli.main()
        except SystemExit as stopped:
            assert stopped.code == 1
        said = capsys.readouterr()
        return said.out + said.err

    return run
