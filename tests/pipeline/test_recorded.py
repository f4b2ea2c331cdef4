"""Errors mined from logged responses: from eval to synthesize without asking the target."""

import json
import re

import pytest

from lai.core import jsonl
from lai.core.records import Error, Score, TrainRow
from tests.support import gsm8k, repository
from tests.support.openai_server import Server

ROWS = [json.loads(line) for line in (gsm8k.FIXTURE / "train.jsonl").open()]
WRONG = ("The answer is 987654.", "I cannot solve this.")


def response(number, row):
    """Every third one wrong, every seventh none, the rest right."""
    if number % 3 == 0:
        return WRONG[0]
    return WRONG[1] if number % 7 == 0 else f"So the answer is {row['answer'].split('#### ')[1]}."


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.jsonl"
    rows = [row | {"response": response(number, row)} for number, row in enumerate(ROWS)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def made_with(tmp_path, log, url):
    """One path; a list of one is read in the test of a missing response."""
    target = {"engine": "replay", "model": "logged", "responses": str(log), "max_tokens": 64}
    params = gsm8k.params(url) | {"target": target}
    params.pop("target__max_tokens")
    return repository.make(tmp_path / "loop", **params)


def test_logged_errors_are_mined_analysed_and_taught(tmp_path, log):
    with Server() as server:
        made = made_with(tmp_path, log, server.url)
        said = made.run("dvc", "repro", "synthesize@iter1").stdout
        assert "40 recorded answers read" in said
        (asked,) = re.findall(r"eval iter1: 40 pool questions -> \d+ right, (.*), 0 seen", said)
        (mined,) = re.findall(r"mine_errors iter1: 40 scores -> \d+ errors \((.*?)\)", said)
        assert asked == mined
        folder = made.path / "data/iter1"
        scores = jsonl.read(Score, folder / "scores.jsonl")
        assert len(scores) == 40
        errors = jsonl.read(Error, folder / "errors.jsonl")
        assert {error.answer for error in errors if error.error == "wrong"} == {"987654"}
        assert sum(score.value != "C" for score in scores) == len(errors) > 10
        assert len(jsonl.read(TrainRow, folder / "train.jsonl")) == 20
        refused = made.run("dvc", "repro", "train@iter1", check=False).stdout
    assert "error: target.engine is replay, whose model is not here to be trained" in refused
    assert "Traceback" not in refused


def test_a_missing_response_ends_eval_in_one_line(tmp_path, log):
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[5:]))
    made = made_with(tmp_path, log, "http://127.0.0.1:9/v1")
    made.set(target__responses=[str(log)])
    said = made.run("dvc", "repro", "eval@iter1", check=False).stdout
    assert "error: target.responses holds no response to" in said
    assert "Traceback" not in said
    assert not (made.path / "data/iter1/scores.jsonl").exists()
