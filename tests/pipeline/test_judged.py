"""Open answers through the DAG: the judge grades the target's answers and the new exercises."""

import json

from lai.core import jsonl
from lai.core.records import Score, TrainRow, Verdict
from tests.support import gsm8k, repository
from tests.support.openai_server import Server, completion, digest, tutor


def grading(body):
    """As a judge where a verdict is asked for, right every other time; else as an instructor."""
    if "<response>" not in body["messages"][0]["content"]:
        return tutor(body)
    verdict = "correct" if digest(body)[0] in "01234567" else "incorrect"
    return completion(json.dumps({"explanation": f"found {verdict}", "verdict": verdict}))


def test_only_exercises_that_the_judge_lets_pass_are_taught(tmp_path):
    log = tmp_path / "log.jsonl"
    rows = [json.loads(line) for line in (gsm8k.FIXTURE / "train.jsonl").open()]
    log.write_text("".join(json.dumps(row | {"response": "hm"}) + "\n" for row in rows))
    with Server(grading) as server:
        params = gsm8k.params(server.url)
        params["tasks"]["gsm8k"] |= {"scorer": "judge", "prompt": "plain"}
        params["judge"] = {"provider": "loopback", "model": "judge"}
        params["runtime"]["judge"] = {"base_url": server.url}
        params["target"] = {"engine": "replay", "model": "logged", "responses": [str(log)]}
        params.pop("target__max_tokens")
        made = repository.make(tmp_path / "loop", **params)
        said = made.run("dvc", "repro", "synthesize@iter1").stdout
        assert max(server.count.values()) == 1
    folder = made.path / "data/iter1"
    assert {score.value for score in jsonl.read(Score, folder / "scores.jsonl")} == {"C", "I"}
    rejected = jsonl.read(Verdict, folder / "rejected.jsonl")
    details = {check.detail for one in rejected for check in one.checks if not check.passed}
    assert "the solution does not earn its answer: found incorrect" in details
    taught = jsonl.read(TrainRow, folder / "train.jsonl")
    assert len(taught) == len(jsonl.read(Verdict, folder / "verdicts.jsonl")) > 0
    assert said.count("of the judge ") == 2
    made.set(judge=None)
    refused = made.run("dvc", "repro", "eval@iter1", check=False).stdout
    assert "error: params.yaml: tasks.gsm8k has `scorer: judge`; params.yaml names no" in refused
