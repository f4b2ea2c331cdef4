"""Verdicts on responses, from the tables in tests/cases."""

import json
from pathlib import Path

import pytest

from lai.scorers import Question, committed, get, reading
from lai.scorers.letters import letters

CASES = Path(__file__).parents[1] / "cases"


def cases(name):
    rows = [json.loads(line) for line in (CASES / f"{name}.jsonl").open(encoding="utf-8")]
    return [pytest.param(row, id=f"{name}:{number}") for number, row in enumerate(rows, 1)]


@pytest.mark.parametrize(
    "case", [case for path in sorted(CASES.glob("*.jsonl")) for case in cases(path.stem)]
)
def test_verdicts(case):
    metadata = {"tests": case.get("tests", [])} | case.get("metadata", {})
    question = Question(case["reference"], case.get("choices", []), metadata)
    judgement = get(case["scorer"])(question, case["response"], case.get("truncated", False))
    assert judgement.value == case["value"], judgement
    assert (judgement.value == "N") == (judgement.answer is None)
    assert judgement.value == "C" or judgement.explanation
    if case.get("answer"):
        assert judgement.answer == case["answer"]
    assert case.get("explanation", judgement.explanation) == judgement.explanation


@pytest.mark.parametrize(
    ("scorer", "raw", "choices", "reference"),
    [
        ("number", "She has 3 <<1+2=3>>3.\n#### 1,200", [], "1,200"),
        ("number", "-5", [], "-5"),
        ("choice", "2", ["a", "b", "c"], "C"),
        ("choice", "b", ["a", "b", "c"], "B"),
        ("choice", "(B", ["(B", "x"], "A"),
        ("choice", "red", ["blue", "red"], "B"),
    ],
)
def test_references_are_read_from_what_data_sets_hold(scorer, raw, choices, reference):
    assert get(scorer).reference(raw, choices)[0] == reference


def test_gsm8k_solutions_lose_their_calculator_marks():
    _, solution = get("number").reference("1 + 2 = <<1+2=3>>3 apples.\n#### 3", [])
    assert solution == "1 + 2 = 3 apples."


@pytest.mark.parametrize(
    ("scorer", "raw", "choices"),
    [
        ("number", "none", []),
        ("number", "3 or 4", []),
        ("choice", "7", ["a", "b"]),
        ("choice", "E", ["a", "b"]),
        ("code", "def f(:", []),
        ("exact", " ", []),
    ],
)
def test_a_gold_that_does_not_parse_is_refused(scorer, raw, choices):
    with pytest.raises(ValueError, match=r"."):
        get(scorer).reference(raw, choices)


def test_words_that_a_pattern_needs_are_in_all_that_it_finds():
    """`Seldom` looks no further where none of its words stands."""
    held = [letters("D", numbered) for numbered in (False, True)]
    patterns = [one for name in (committed, reading) for one in vars(name).values()]
    patterns += [*committed._STATED, *(one for names in held for one in vars(names).values())]
    patterns = [one for one in patterns if isinstance(one, reading.Seldom)]
    found = 0
    for path in CASES.glob("*.jsonl"):
        for line in path.open(encoding="utf-8"):
            text = json.loads(line)["response"]
            for pattern in patterns:
                expected = [match.span() for match in pattern.pattern.finditer(text)]
                assert [match.span() for match in pattern.finditer(text)] == expected, text
                found += len(expected)
    assert len(patterns) > 8 and found > 100
