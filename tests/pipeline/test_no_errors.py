"""A pool that the target answers without an error: the loop ends well, and says so."""

import json

import pytest

from lai.core import jsonl
from lai.core.jsonl import index
from lai.core.records import Sample, Solved
from tests.support import gsm8k, repository
from tests.support.openai_server import Server


@pytest.fixture(scope="module")
def solvable(tmp_path_factory):
    """A file of questions that the demo's target answers right, in GSM8K's schema."""
    made = repository.make(
        tmp_path_factory.mktemp("asked"), **{**repository.SMALL, "iterations": {"iter1": "iter0"}}
    )
    made.repro("mine_errors@iter1")
    solved = jsonl.read(Solved, made.path / "data/iter1/solved.jsonl")
    pool = index(jsonl.read(Sample, made.path / "data/splits/pool.jsonl"))
    folder = tmp_path_factory.mktemp("solvable")
    rows = [pool[one.sample] for one in solved if one.task == "math"]
    assert len(rows) > 20
    for name, part in (("train", rows[:-6]), ("test", rows[-6:])):
        lines = [json.dumps({"question": row.input, "answer": row.reference}) for row in part]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def test_nothing_to_learn_carries_the_model_over_and_says_so(solvable, tmp_path):
    with Server() as server:
        params = gsm8k.params(server.url, solvable)
        params["tasks"]["gsm8k"] |= {"prompt": "plain", "dev_size": 4}
        made = repository.make(tmp_path / "loop", **params)
        said = made.run("dvc", "repro").stdout
    assert "0 errors" in said
    assert "nothing new to learn -> the model of iter0 is carried over" in said
    assert not server.count, "an instructor was asked about no error"
    folder = made.path / "models/iter1"
    assert [path.name for path in folder.iterdir()] == ["model.json"]
    summary = json.loads((made.path / "metrics/summary.json").read_text())
    assert summary["id_mean"] == [1.0, 1.0]
