"""Open answers graded by a model behind an endpoint."""

import json

import pytest

from lai import evaluation
from lai.asking.judging import open_judge
from lai.core.errors import PipelineError
from lai.core.params.runtime import EndpointParams, RuntimeParams
from lai.core.params.schema import JudgeParams
from lai.core.params.tasks import TaskParams
from lai.core.records import Completion, Sample
from tests.support import tiny_model
from tests.support.openai_server import Server, completion, in_turn

TASK = TaskParams.model_validate(
    {
        "family": "facts",
        "role": "ood",
        "scorer": "judge",
        "prompt": "plain",
        "test": {"files": "a.jsonl"},
    }
)
SAMPLES = [
    Sample(task="t", split="test", input=f"What is {n}?", reference=f"It is {n}.") for n in range(4)
]


def said(text, number):
    return Completion(
        sample=SAMPLES[number].id, model="m", messages=[], completion=text, stop_reason="stop"
    )


COMPLETIONS = [said("right", 0), said("wrong", 1), said("silent", 2), said("  ", 3)]


def grader(server, tmp_path):
    runtime = RuntimeParams(judge=EndpointParams(base_url=server.url, max_retries=0))
    return open_judge(JudgeParams(model="grader"), runtime, tmp_path / "replies.sqlite")


def grade(body):
    text = body["messages"][0]["content"]
    verdict = "no_answer"
    for word, found in (("right", "correct"), ("wrong", "incorrect")):
        if f"<response>\n{word}\n" in text:
            verdict = found
    return completion(json.dumps({"explanation": "because", "verdict": verdict}))


def test_verdicts_become_scores_and_are_kept(tmp_path):
    with Server(grade) as server:
        for _ in range(2):
            judge = grader(server, tmp_path)
            scores = evaluation.score(SAMPLES, COMPLETIONS, {"t": TASK}, grader=judge)
        assert [score.value for score in scores] == ["C", "I", "N", "N"]
        assert scores[1].explanation == "because"
        assert scores[3].explanation == "the response is empty"
        assert sum(server.count.values()) == 3
        shown = next(iter(server.bodies))["messages"][0]["content"]
        assert "What is" in shown
        assert "<reference_answer>\nIt is" in shown


def test_a_judge_that_gives_no_verdict_ends_it_and_is_asked_again_next_time(tmp_path):
    with Server(lambda body: completion("maybe")) as server:
        for asked in (4, 8):
            with pytest.raises(PipelineError, match=r"first 2 replies of .* 1 more"):
                evaluation.score(SAMPLES, COMPLETIONS, {"t": TASK}, grader=grader(server, tmp_path))
            assert len(server.bodies) == asked


def test_a_judge_that_stops_giving_verdicts_ends_it_and_is_asked_again_next_time(tmp_path):
    verdict = completion(json.dumps({"explanation": "because", "verdict": "correct"}))
    with Server(in_turn(verdict, completion("maybe"))) as server:
        for asked in (5, 9):
            with pytest.raises(PipelineError, match=r"no verdict on 2 of 3 responses; the first"):
                evaluation.score(SAMPLES, COMPLETIONS, {"t": TASK}, grader=grader(server, tmp_path))
            assert len(server.bodies) == asked


def test_a_task_without_a_judge_says_how_to_name_one():
    with pytest.raises(PipelineError, match=r"params\.yaml names no judge; add"):
        evaluation.score(SAMPLES, COMPLETIONS, {"t": TASK})


def test_a_judge_in_this_process(tmp_path):
    """Its verdicts are kept under what the model is: another one in its folder is asked again."""
    for verdict, value in (("correct", "C"), ("incorrect", "I")):
        text = json.dumps({"explanation": "because", "verdict": verdict})
        model = tiny_model.save_saying(tmp_path / "judge", text)
        params = JudgeParams(engine="hf", model=str(model), max_tokens=8)
        for calls in (3, 0):
            judge = open_judge(params, RuntimeParams(device="cpu"), tmp_path / "replies.sqlite")
            scores = evaluation.score(SAMPLES, COMPLETIONS, {"t": TASK}, grader=judge)
            assert [score.value for score in scores] == [value] * 3 + ["N"]
            assert judge.engine.asked == calls


def test_a_judge_that_is_no_model_is_named(tmp_path):
    with pytest.raises(PipelineError, match=r"judge\.model: \./none does not exist"):
        open_judge(JudgeParams(engine="hf", model="./none"), RuntimeParams(), tmp_path / "r.sqlite")
