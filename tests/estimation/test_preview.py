"""What `lai preview` shows and says of a strategy."""

import json
import re
import shutil

import pytest

from tests.support import gsm8k
from tests.support.estimating import lai
from tests.support.openai_server import completion, tutor


def test_a_preview_says_why_an_error_has_no_exercises(mined, server):
    analysis = json.dumps({"skill": "adding", "misconception": "m", "explanation": "e"})

    def script(body):
        wanted = body["response_format"]["json_schema"]["schema"]["properties"]
        return completion(analysis) if "skill" in wanted else tutor(body)

    server.script = script
    mined.set(synthesize__budget=2)
    done = lai(mined, "preview", "--errors", "2")
    mined.set(synthesize__budget=20)
    server.script = tutor
    (mined.path / ".cache/responses.sqlite").unlink()
    server.bodies.clear()
    server.count.clear()
    assert done.returncode == 0, done.stdout
    told = "No exercises: the budget of this weakness went to another of its errors."
    assert done.stdout.count(told) == 1 and done.stdout.count("--- exercises: user") == 1


@pytest.mark.parametrize(
    ("strategy", "said"),
    [("finetune", "5 references unchecked, 0 contradicted"), ("replay", "replay asks nobody")],
)
def test_a_preview_of_a_strategy_that_asks_nobody_says_so(mined, strategy, said):
    mined.set(strategy=strategy, synthesize__suspects=None)
    done = lai(mined, "preview")
    mined.set(strategy="le", synthesize__suspects={"solves": 3})
    assert said in done.stdout
    assert "0 errors" not in done.stdout and "instructor: 0 calls asked" in done.stdout


def test_a_preview_from_pool_questions_calls_them_no_errors(mined, server):
    mined.set(strategy="augment")
    done = lai(mined, "preview", "--errors", "1")
    mined.set(strategy="le")
    shutil.rmtree(mined.path / ".cache")
    server.bodies.clear()
    server.count.clear()
    assert re.search(r"^1 question -> \d+ exercises?, \d+ accepted$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("strategy", "said", "shown"),
    [
        ("distill", "3 solutions, 2 accepted", "FAILED answer: answered 1, expected "),
        ("finetune", "3 references checked, 1 contradicted", "contradicted\n3 of 3 solves "),
        (
            {"le": 1, "distill": 1, "finetune": 1},
            "1 exercise, 1 accepted\n2 solutions, 2 accepted\n1 reference checked, 0 contradicted",
            "check of an exercise or a reference, solved",
        ),
    ],
)
def test_a_preview_has_verdicts_on_what_is_taught_of_the_pool(mined, server, strategy, said, shown):
    rows = map(json.loads, (gsm8k.FIXTURE / "train.jsonl").read_text().splitlines())
    answers = {row["question"]: row["answer"].split()[-1] for row in rows}
    solved = []

    def script(body):
        """All are solved rightly but the first."""
        schema = body["response_format"]["json_schema"]["schema"]
        asked = [one for one in answers if one in body["messages"][0]["content"]]
        if not asked or "solution" not in schema["properties"]:
            return tutor(body)
        solved.extend(asked)
        answer = 1 if asked[0] == solved[0] else answers[asked[0]]
        return completion(json.dumps({"solution": f"The answer is {answer}."}))

    server.script = script
    mined.set(strategy=strategy)
    assert server.bodies == []
    done = lai(mined, "preview", "--errors", "3")
    mined.set(strategy="le")
    server.script = tutor
    shutil.rmtree(mined.path / ".cache")
    asked = len(server.bodies)
    server.bodies.clear()
    server.count.clear()
    assert f"{said}\ninstructor: {asked} calls asked" in done.stdout, done.stdout
    assert shown in done.stdout and done.stdout.count(": reply (") == asked
    assert strategy != "distill" or (asked == 3 and "= asked" not in done.stdout)
