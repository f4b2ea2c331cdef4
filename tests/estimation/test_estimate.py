"""`lai estimate` and `lai preview` on a task of one's own with a paid instructor on loopback."""

import itertools
import json
import re
import shutil

import pytest

from lai.estimation import past
from tests.support import gsm8k, repository
from tests.support.estimating import PRICE, estimated, lai
from tests.support.openai_server import completion, tutor


@pytest.mark.parametrize("command", [("preview",), ("estimate", "--probe", "20")])
def test_a_model_without_json_costs_four_calls_and_leaves_the_run_its_guard(mined, server, command):
    server.script = lambda _: completion("I am a poet.")
    done = lai(mined, *command)
    ran = mined.run("dvc", "repro", "analyze@iter1", check=False)
    asked = len(server.bodies)
    server.script = tutor
    server.bodies.clear()
    server.count.clear()
    assert done.returncode == 1 and done.stdout.count("\n") == 1, done.stdout
    for said in (done.stdout, ran.stdout):
        assert "error: the first 2 replies of instructor cannot be used" in said
    assert asked == 4 + 4


@pytest.mark.parametrize("one_in", [1, 2])
def test_a_probe_says_how_many_replies_could_not_be_used(mined, server, one_in):
    written = itertools.count(1)

    def script(body):
        exercises = "samples" in body["response_format"]["json_schema"]["schema"]["properties"]
        bad = exercises and (one_in == 1 or next(written) % one_in == 0)
        return completion("I am a poet.") if bad else tutor(body)

    (mined.path / ".cache/responses.sqlite").unlink(missing_ok=True)
    server.script = script
    done = lai(mined, "estimate", "--probe", "9")
    server.script = tutor
    (mined.path / ".cache/responses.sqlite").unlink()
    server.bodies.clear()
    server.count.clear()
    if one_in == 1:
        assert done.returncode == 1 and done.stdout.startswith("error: "), done.stdout
        assert "replies of synthesize cannot be used: the reply holds no JSON" in done.stdout
    else:
        assert "replies of synthesize could not be used (the reply holds no JSON" in done.stdout


@pytest.mark.parametrize("strategy", ["finetune", "distill"])
def test_a_probe_asks_its_calls_where_no_analysis_is_made(mined, server, strategy):
    (mined.path / ".cache/responses.sqlite").unlink(missing_ok=True)
    mined.set(strategy=strategy)
    found = estimated(mined, "--probe", "6")
    mined.set(strategy="le")
    (mined.path / ".cache/responses.sqlite").unlink()
    asked = len(server.bodies)
    server.bodies.clear()
    server.count.clear()
    assert asked == found["probed"] == 6


def test_what_is_previewed_and_probed_serves_the_run_and_the_estimate_holds(mined, server):
    before = mined.run("git", "status", "--short").stdout
    shown = lai(mined, "preview", "--errors", "2")
    assert shown.returncode == 0, shown.stdout
    for words in ("1 of 2: gsm8k, le", "--- analysis: reply", "--- exercises: reply", " answer"):
        assert words in shown.stdout
    for of in ("a reference", "an exercise"):
        assert f"--- check of {of}, solved without its answer: reply" in shown.stdout
    previewed = len(server.bodies)
    assert f"instructor: {previewed} calls asked" in shown.stdout and ", cost " in shown.stdout
    assert mined.run("git", "status", "--short").stdout == before

    # The second time everything is in the store.
    again = lai(mined, "preview", "--errors", "2")
    assert "instructor: 0 calls asked" in again.stdout and len(server.bodies) == previewed

    few = estimated(mined, "--probe", "3")
    assert len(server.bodies) == previewed + few["probed"] == previewed + 3
    asked = {body["response_format"]["json_schema"]["name"] for body in server.bodies[previewed:]}
    assert len(asked) == 3, "analyses, exercises and solves were to be asked, one of each"
    after = estimated(mined, "--probe", "3")
    assert len(server.bodies) == previewed + 6
    assert after["replies_observed"] >= 6
    for row in [after["total"], *after["rows"]]:
        for figure in ("calls", "prompt_tokens", "completion_tokens", "cost"):
            assert row["low"][figure] <= row["expected"][figure] <= row["high"][figure]
    assert any(line.startswith("Errors of iter1: the real ones") for line in after["assumptions"])

    mined.run("dvc", "repro", "analyze@iter1")
    usage = json.loads((mined.path / "data/iter1/analysis_usage.json").read_text())
    asked = len(server.bodies) - previewed - 6
    assert 0 < asked < usage["replies"], "what was probed was not found in the store"

    mined.run("dvc", "repro", "synthesize@iter1")
    took = len(server.bodies) - previewed - 6
    assert after["total"]["expected"]["calls"] == pytest.approx(took, rel=0.25)
    assert max(server.count.values()) == 1, "a request was paid for twice"

    before = past.means({"iter1": ["analyze", "synthesize"]}, mined.path / "data")
    assert set(before) == {"analyze", "synthesize"}
    assert before["analyze"][0] == usage["prompt_tokens"] / usage["replies"]

    # What would not run again costs nothing.
    assert estimated(mined)["rows"] == []
    assert lai(mined, "estimate").stdout.startswith("Nothing is left to ask: ")


def test_verdicts_and_answers_that_are_paid_for_are_counted(made, tmp_path):
    paid = repository.make(tmp_path / "paid", **gsm8k.params("http://127.0.0.1:9/v1"))
    paid.set(
        tasks__gsm8k__scorer="judge",
        judge={"provider": "loopback", "model": "judge"},
        synthesize__checks={"too_easy": True},
        target={"engine": "openai", "provider": "loopback", "model": "target"},
        runtime={"judge": {"price": PRICE}, "target": {"price": PRICE}},
        iterations={"iter1": "iter0", "iter2": "iter1"},
    )
    found = estimated(paid)
    calls = {
        (row["iteration"], row["stage"], row["role"]): row["expected"]["calls"]
        for row in found["rows"]
    }
    rows = {split: len(lines(gsm8k.FIXTURE / f"{split}.jsonl")) for split in ("train", "test")}
    asked = {role: calls["iter1", "eval", role] for role in ("target", "judge")}
    assert asked["target"] == asked["judge"] == rows["train"] - 8  # the dev split
    assert calls["iter0", "reeval", "target"] == rows["test"] + 8
    asked = {role: calls["iter1", "synthesize", role] for role in ("target", "judge")}
    # A solution and its blind solve are graded each, and what the target says to what passed.
    assert 0 < asked["target"] < asked["judge"] / 2
    assert found["total"]["expected"]["cost"] > 0
    # A target behind a server cannot be trained.
    assert {place[0] for place in calls} == {"iter0", "iter1"}
    assert ("iter1", "reeval", "target") not in calls
    said = " ".join(found["assumptions"])
    assert "the run ends before train" in said
    assert "`dvc repro mine_errors@iter1` asks judge and target alone" in said
    assert "an answer of the target has 100 to 1,600" in said


def lines(path):
    return path.read_text().splitlines()


def test_earlier_iterations_tell_what_a_call_takes_where_they_had_more_replies(mined):
    shutil.rmtree(mined.path / ".cache")
    mined.set(iterations={"iter1": "iter0", "iter2": "iter1"})
    mined.run("dvc", "repro", "plan")
    expect_as_before(estimated(mined))

    # Some questions are solved in each iteration: the store has replies to these alone.
    assert lai(mined, "restore").returncode == 0
    found = estimated(mined)
    assert found["replies_observed"] > 0
    expect_as_before(found)

    # What other prompts took tells nothing.
    mined.set(strategy={"iter1": "le", "iter2": "distill"})
    mined.run("dvc", "repro", "plan")
    found = estimated(mined)
    assert not any("of earlier iterations" in line for line in found["assumptions"])


def expect_as_before(found):
    for stage in ("analyze", "synthesize"):
        told = re.compile(rf"Tokens of a call of {stage}: as in \d+ replies of earlier iterations.")
        assert any(map(told.fullmatch, found["assumptions"])), found["assumptions"]
        [row] = [row for row in found["rows"] if row["stage"] == stage]
        # What the server of the tests says of every reply.
        assert row["expected"]["completion_tokens"] == 3 * row["expected"]["calls"]
