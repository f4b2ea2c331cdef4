"""Synthetic samples of a task with `scorer: judge`: the judge grades the worked solutions."""

import json
import time

import pytest

from lai.asking.judging import open_judge
from lai.core.errors import PipelineError
from lai.core.params.overlap import OverlapParams
from lai.core.params.runtime import EndpointParams, RuntimeParams
from lai.core.params.schema import JudgeParams
from lai.core.params.tasks import Task
from lai.core.records import Sample, SyntheticSample
from lai.verification import Verifier
from tests.support.openai_server import Server, completion

TASKS = {
    "open": Task(family="facts", role="id", scorer="judge", prompt="plain"),
    "sums": Task(family="math", role="id", scorer="number", prompt="plain"),
}
HELD_OUT = Sample(task="open", split="test", input="Why is the sea salt?", reference="rivers")


def candidate(question, solution, task="open", reference="rain"):
    return SyntheticSample(
        task=task, input=question, reference=reference, solution=solution, request_key="k"
    )


CANDIDATES = [
    candidate("Why are streets wet?", "right: rain fell on them"),
    candidate("Why are cellars wet?", "wrong: someone painted them"),
    candidate(HELD_OUT.input, "right: of rivers"),
    candidate("What is 2 plus 2?", "The answer is 4.", "sums", "4"),
    candidate("Why are roofs wet?", "silent"),
]


def grade(body):
    text = body["messages"][0]["content"]
    if "<response>\nsilent" in text:
        return completion("I cannot tell.")
    verdict = "correct" if "<response>\nright" in text else "incorrect"
    return completion(json.dumps({"explanation": f"it is {verdict}", "verdict": verdict}))


def verify(server, folder, candidates):
    runtime = RuntimeParams(judge=EndpointParams(base_url=server.url, max_retries=0))
    judge = open_judge(JudgeParams(model="grader"), runtime, folder / "replies.sqlite")
    return Verifier(TASKS, [HELD_OUT], [], [], judge)(candidates)


def failed(verdict):
    return {check.name: check.detail for check in verdict.checks if not check.passed}


def test_the_judge_turns_down_a_solution_that_does_not_earn_its_answer(tmp_path):
    with Server(grade) as server:
        verdicts = verify(server, tmp_path, CANDIDATES)
        assert [verdict.accepted for verdict in verdicts] == [True, False, False, True, False]
        explained = "the solution does not earn its answer: "
        assert failed(verdicts[1]) == {"answer": f"{explained}it is incorrect"}
        copied = f"it holds a question of the test split of open: {HELD_OUT.input}"
        assert failed(verdicts[2]) == {"not_held_out": copied}
        assert failed(verdicts[4])["answer"].startswith(f"{explained}the judge gave no verdict")
        shown = [body["messages"][0]["content"] for body in server.bodies]
        assert not any(HELD_OUT.input in text for text in shown), "a call for what is out anyway"
        first = next(text for text in shown if "streets" in text)
        assert "<reference_answer>\nrain\n</reference_answer>" in first
        asked = len(server.bodies)
        assert asked == 4, "two verdicts, and two questions to the one that gave none"
        assert verify(server, tmp_path, CANDIDATES) == verdicts
        assert len(server.bodies) == asked, "a verdict that is kept was asked for again"


def test_the_candidates_are_judged_at_once(tmp_path):
    many = [candidate(f"Why is street {n} wet?", f"right: rain {n}") for n in range(8)]

    def slowly(body):
        until = time.monotonic() + 10
        # The first one is asked alone.
        while len(server.bodies) > 1 and server.most <= 4 and time.monotonic() < until:
            time.sleep(0.01)
        return grade(body)

    with Server(slowly) as server:
        assert all(verdict.accepted for verdict in verify(server, tmp_path, many))
        assert server.most > 4


def test_a_judge_that_judges_nothing_ends_it(tmp_path):
    mute = Server(lambda body: completion("maybe"))
    with mute as server, pytest.raises(PipelineError, match="no verdict on 2 of 2 responses"):
        verify(server, tmp_path, CANDIDATES[:2])


def test_how_near_to_a_held_out_question_is_a_tasks_own_affair():
    story = "Kim packs {} jars into {} crates and {} trays. How many jars are in {} crates of hers?"
    held = Sample(task="sums", split="test", input=story.format(12, 4, 9, 2), reference="6")
    renumbered = candidate(story.format(30, 5, 7, 3), "The answer is 18.", "sums", "18")
    [verdict] = Verifier(TASKS, [held], [], [])([renumbered])
    assert "tasks.sums.overlap.share is 0.5" in failed(verdict)["not_held_out"]
    off = {"sums": TASKS["sums"].model_copy(update={"overlap": OverlapParams(share=None)})}
    [verdict] = Verifier(off, [held], [], [])([renumbered])
    assert "tasks.sums.overlap.cosine is 0.75" in failed(verdict)["not_held_out"]
    neither = OverlapParams(share=None, cosine=None)
    off = {"sums": TASKS["sums"].model_copy(update={"overlap": neither})}
    [verdict] = Verifier(off, [held], [], [])([renumbered])
    assert verdict.accepted


def test_without_a_judge_nothing_open_is_accepted():
    with pytest.raises(PipelineError, match=r"params\.yaml names no judge; add"):
        Verifier(TASKS, [], [], [])(CANDIDATES[:1])
    [verdict] = Verifier(TASKS, [], [], [])(CANDIDATES[3:4])
    assert verdict.accepted
