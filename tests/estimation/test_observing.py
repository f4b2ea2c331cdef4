"""What is read off real replies."""

import random
import statistics

import pytest

from lai.asking import request
from lai.core import jsonl
from lai.core.params import load
from lai.core.params.schema import InstructorParams
from lai.core.records import Analysis, Usage, Weakness
from lai.engines.base import Reply
from lai.estimation.observing import observe
from lai.instruction.analyze import AnalysisShape
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
    assert observed.replies == 2 and observed.lengths["explanation"] == 600 - 19
    plain = observe(exchanges((400, 80), (800, 160)), {}, params)
    [rates] = plain.rates.values()
    assert (rates.reply, rates.reasoning) == (0.2, 0.0)


def test_replies_without_usage_tell_nothing():
    observed = observe(exchanges((400, 0)), {}, load(ROOT / "params.yaml"))
    assert observed.replies == 0 and observed.skills is None and observed.accepted is None


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
