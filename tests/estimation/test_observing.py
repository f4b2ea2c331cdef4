"""What is read off real replies."""

import random
import statistics

import pytest

from lai.asking import request
from lai.asking.solving import SolutionShape
from lai.core import jsonl
from lai.core.params import load
from lai.core.params.schema import InstructorParams
from lai.core.records import Analysis, SyntheticSample, Usage, Verdict, Weakness
from lai.engines.base import Reply
from lai.estimation.assumptions import MIDDLE, informed
from lai.estimation.observing import observe
from lai.instruction.analyze import AnalysisShape
from lai.instruction.shapes import TextSamples
from tests.support.closure import ROOT


def exchanges(*replies):
    """(characters, tokens of the reply) each, to prompts of 400 characters and 100 tokens."""
    found = {}
    for number, (characters, tokens) in enumerate(replies):
        sent = request(f"{number}".ljust(400, "."), AnalysisShape, InstructorParams(), 0)
        usage = Usage(prompt_tokens=100, completion_tokens=tokens)
        text = '{"explanation": "'.ljust(characters - 2, "x") + '"}'
        reply = Reply(request_key=sent.key, text=text, stop_reason="stop", usage=usage)
        found[sent.key] = sent, reply
    return found


def test_tokens_beyond_those_of_the_text_are_reasoning_of_each_reply():
    params = load(ROOT / "params.yaml")
    observed = observe(exchanges((400, 300), (800, 400)), {}, params)
    [rates] = observed.rates.values()
    assert (rates.prompt, rates.reply, rates.reasoning) == (0.25, 0.25, 200.0)
    assert observed.replies == 2 and observed.lengths["AnalysisShape", "explanation"] == 600 - 19
    plain = observe(exchanges((400, 80), (800, 160)), {}, params)
    [rates] = plain.rates.values()
    assert (rates.reply, rates.reasoning) == (0.2, 0.0)


def test_the_spread_is_that_of_a_mean_also_beside_a_shape_with_one_reply():
    params = load(ROOT / "params.yaml")
    assert observe(exchanges((400, 100)), {}, params).spread == 0.5
    several = exchanges(*[(400, tokens) for tokens in (80, 120) * 8])
    assert observe(several, {}, params).spread == pytest.approx(0.2 / 15**0.5)
    [(_, reply)] = exchanges((400, 100)).values()
    lone = request("Write 5 new", TextSamples, InstructorParams(), 0)
    found = observe({**several, lone.key: (lone, reply)}, {}, params)
    assert found.spread == pytest.approx(0.2 * (16 / 15 * 2 / 17) ** 0.5)


def test_an_instructors_replies_tell_nothing_of_what_judge_and_target_take():
    observed = observe(exchanges((400, 300), (800, 400)), {}, load(ROOT / "params.yaml"))
    known = informed(MIDDLE, observed, 1)
    assert known.rate("AnalysisShape").reasoning > 200 < known.rate("AnotherShape").reasoning
    assert known.rate("VerdictShape") == known.rate("") == MIDDLE.default


def test_replies_without_usage_tell_nothing():
    observed = observe(exchanges((400, 0)), {}, load(ROOT / "params.yaml"))
    assert observed.replies == 0 and observed.skills is None and observed.accepted is None


@pytest.mark.parametrize(("agree", "share"), [(None, 6 / 7), ("1", 6 / 7), ("0", 0.5)])
def test_accepted_are_those_that_real_solves_agree_with(agree, share, tmp_path, monkeypatch):
    """Five exercises of one real reply, of which one was solved again really, the rest was not."""
    monkeypatch.chdir(tmp_path)
    real = exchanges((400, 100))
    [key] = real
    real[key] = request("Write 5 new", TextSamples, InstructorParams(), 0), real[key][1]
    verdicts = [
        Verdict(
            accepted=number > 0 or agree != "0",
            checks=[],
            sample=SyntheticSample(
                task="t", input=f"Which? {number}", reference="1", solution="1", request_key=key
            ),
        )
        for number in range(5)
    ]
    if agree:
        solve = request("Solve: Which? 0", SolutionShape, InstructorParams(), 0)
        real[solve.key] = solve, real[key][1]
    for name, group in (("verdicts", True), ("rejected", False)):
        found = [one for one in verdicts if one.accepted == group]
        jsonl.write(f"data/iter1/{name}.jsonl", found)
    observed = observe(real, {"iter1": []}, load(ROOT / "params.yaml"))
    assert observed.accepted and observed.accepted[""].share == pytest.approx(share, abs=0.08)


def test_solutions_of_pool_questions_are_no_exercises(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    [[_, reply]] = exchanges((400, 100)).values()
    solve = request("Solve: 300 apples", SolutionShape, InstructorParams(), 0)
    taught = exercises(solve.key, 1, True)
    jsonl.write("data/iter1/verdicts.jsonl", taught)
    observed = observe({solve.key: (solve, reply)}, {"iter1": []}, load(ROOT / "params.yaml"))
    assert observed.accepted is None


def exercises(task, count, accepted):
    return [
        Verdict(
            accepted=accepted,
            checks=[],
            sample=SyntheticSample(
                task=task, input=f"{n}?", reference="1", solution="1", request_key=task
            ),
        )
        for n in range(count)
    ]


def test_the_accepted_share_is_of_a_task_and_as_uncertain_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    jsonl.write("data/iter1/verdicts.jsonl", exercises("math", 18, True))
    rejected = [*exercises("math", 2, False), *exercises("code", 4, False)]
    jsonl.write("data/iter1/rejected.jsonl", rejected)
    observed = observe({}, {"iter1": ["synthesize"]}, load(ROOT / "params.yaml"))
    low, middle, high = (informed(MIDDLE, observed, toward) for toward in (-1, 0, 1))
    assert high.accepts("math") < 0.75 < 0.8 < middle.accepts("math") < 0.95 < low.accepts("math")
    assert high.accepts("code") == 0.05 < middle.accepts("code") < 0.4 < low.accepts("code") < 0.6
    assert middle.accepts("another") == middle.accepted == pytest.approx(19 / 26)


@pytest.mark.parametrize("skills", [10, 200])
def test_few_analyses_tell_about_how_many_weaknesses_there_are(skills, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dice = random.Random(1)
    found = []
    for _ in range(40):
        named = {}
        for place in range(12):
            number = int((skills + 1) ** dice.random())
            analysis = Analysis(
                seed=f"seed_{len(found)}_{place}",
                strategy="le",
                task="t",
                skill=str(number),
                misconception="",
                explanation="e",
                request_key="k",
            )
            named.setdefault(number, []).append(analysis)
        jsonl.write("data/iter1/analyses.jsonl", [one for group in named.values() for one in group])
        weak = [
            Weakness(
                parents=[one.id for one in group], task="t", strategy="le", skill=str(n), errors=1
            )
            for n, group in named.items()
        ]
        jsonl.write("data/iter1/weaknesses.jsonl", weak)
        observed = observe({}, {"iter1": ["analyze"]}, load(ROOT / "params.yaml"))
        found.append(observed.skills)
    assert skills / 4 < statistics.median(found) < skills * 4
