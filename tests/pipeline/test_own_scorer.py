"""A user's own scorer under scorers/: a change of it reruns the stages that score."""

import json

import pytest

from lai.core import jsonl
from lai.core.records import Score
from tests.support import gsm8k, repository

ALL_RIGHT = "def right(question, text, truncated):\n    return True\n"
ALL_WRONG = "from scorers.helper import WORD\n\n\ndef right(question, text, truncated):\n"
ALL_WRONG += "    return text == WORD\n"


@pytest.fixture
def loop(tmp_path):
    """A repository whose target's answers are recorded, so that only scoring is left to do."""
    log = tmp_path / "log.jsonl"
    rows = [json.loads(line) for name in ("train", "test") for line in part(name)]
    log.write_text("".join(json.dumps(row | {"response": "4"}) + "\n" for row in rows))
    params = gsm8k.params("http://127.0.0.1:9/v1")
    params["tasks"]["gsm8k"]["scorer"] = "scorers.own:right"
    params["target"] = {"engine": "replay", "model": "logged", "responses": [str(log)]}
    params.pop("target__max_tokens")
    made = repository.make(tmp_path / "loop", **params)
    (made.path / "scorers/own.py").write_text(ALL_RIGHT)
    return made


def part(name):
    return (gsm8k.FIXTURE / f"{name}.jsonl").open()


def verdicts(made, path):
    return {score.value for score in jsonl.read(Score, made.path / path)}


def test_a_change_of_the_function_or_of_its_helpers_scores_again_and_nothing_else(loop):
    stages = {"eval@iter1", "reeval_base"}
    ran, _ = loop.repro(*stages)
    assert ran == {"prepare"} | stages
    assert verdicts(loop, "data/iter1/scores.jsonl") == {"C"}
    (loop.path / "scorers/own.py").write_text(ALL_WRONG)
    (loop.path / "scorers/helper.py").write_text("WORD = 'wrong'\n")
    ran, _ = loop.repro(*stages)
    assert ran == stages
    assert verdicts(loop, "data/iter1/scores.jsonl") == {"I"}
    assert verdicts(loop, "data/iter0/reeval_scores.jsonl") == {"I"}
    (loop.path / "scorers/helper.py").write_text("WORD = '4'\n")
    ran, _ = loop.repro(*stages)
    assert ran == stages
    assert verdicts(loop, "data/iter1/scores.jsonl") == {"C"}
    ran, cached = loop.repro(*stages)
    assert not ran | cached


def test_a_scorer_that_is_not_there_ends_prepare_and_says_where_it_belongs(loop):
    loop.set(tasks__gsm8k__scorer="scorers.none:right")
    said = loop.run("dvc", "repro", "prepare", check=False).stdout
    assert "error: scorer scorers.none:right: there is no scorers/none.py in" in said
    loop.set(tasks__gsm8k__scorer="own:right")
    said = loop.run("dvc", "repro", "prepare", check=False).stdout
    assert "put it into scorers/own.py and write scorers.own:right" in said
    assert "Traceback" not in said
