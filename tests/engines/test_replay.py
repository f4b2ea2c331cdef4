"""Recorded responses: found by id or by question, and a missing one is named."""

import json

import pytest

from lai.core.errors import PipelineError
from lai.engines.base import Request
from lai.engines.replay import ReplayEngine, fingerprint


def engine(tmp_path, *rows, name="log.jsonl"):
    path = tmp_path / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return ReplayEngine([str(path)])


def asked(text, choices=(), identity="sample_1"):
    return Request(
        provider="replay",
        model="m",
        messages=[{"role": "user", "content": f"{text} Reason step by step."}],
        max_tokens=10,
        about={"id": identity, "input": text, "choices": list(choices)},
    )


def texts(found, *requests):
    return [reply.text for reply in found.generate(list(requests))]


LM_EVAL = {
    "doc_id": 0,
    "doc": {"question": "How many?", "answer": "#### 4"},
    "target": "4",
    "arguments": {"gen_args_0": {"arg_0": "Question: How many?\nAnswer:"}},
    "resps": [["There are 4."]],
    "filtered_resps": ["4"],
}


@pytest.mark.parametrize(
    "row",
    [
        {"sample": "sample_1", "response": "There are 4."},
        {"question": "How many?", "answer": "4", "response": "There are 4."},
        {"prompt": "how  MANY", "completion": "There are 4."},
        LM_EVAL,
    ],
)
def test_a_response_is_found_by_id_or_by_question(tmp_path, row):
    assert texts(engine(tmp_path, row), asked("How many?")) == ["There are 4."]


def test_questions_of_one_text_are_told_apart_by_their_options(tmp_path):
    rows = [
        {"question": "Which?", "choices": ["a", "b"], "response": "A"},
        {"question": "Which?", "choices": {"text": ["c", "d"]}, "response": "D"},
    ]
    found = engine(tmp_path, *rows)
    assert texts(found, asked("Which?", ["c", "d"]), asked("Which?", ["b", "a"])) == ["D", "A"]


def test_a_missing_response_is_named_and_nothing_is_answered(tmp_path):
    found = engine(tmp_path, {"question": "How many?", "response": "4"})
    requests = [asked("How many?")] + [asked(f"Why {n}?", identity=f"s{n}") for n in range(5)]
    message = r"no response to 5 of 6 questions: s0 'Why 0\?'; s1 .*; s2 .*; and 2 more"
    with pytest.raises(PipelineError, match=message):
        texts(found, *requests)


def test_two_responses_to_one_question_are_a_conflict(tmp_path):
    rows = [{"question": "How many?", "response": text} for text in ("4", "5")]
    with pytest.raises(PipelineError, match=r"log\.jsonl:2 and .*log\.jsonl:1 hold different"):
        texts(engine(tmp_path, *rows), asked("How many?"))
    same = [{"question": "How many?", "response": "4"}] * 2
    assert texts(engine(tmp_path, *same), asked("How many?")) == ["4"]


def test_a_row_without_a_response_is_named(tmp_path):
    message = r"log\.jsonl:1 has no text in .* \(it has answer, question\)"
    with pytest.raises(PipelineError, match=message):
        engine(tmp_path, {"question": "q", "answer": "a"})


def test_a_response_cut_off_says_so(tmp_path):
    row = {"question": "How many?", "response": "There are", "finish_reason": "length"}
    [reply] = engine(tmp_path, row).generate([asked("How many?")])
    assert reply.stop_reason == "length"


def test_the_fingerprint_follows_the_content(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text("{}")
    first = fingerprint([str(path)])
    path.write_text("{ }")
    assert fingerprint([str(path)]) != first
    with pytest.raises(PipelineError, match="does not exist"):
        fingerprint([str(tmp_path / "none.jsonl")])


def test_what_a_request_is_about_is_no_part_of_its_key():
    assert asked("How many?", identity="a").key == asked("How many?", identity="b").key
