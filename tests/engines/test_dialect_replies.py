"""The forms that replies and complaints come in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lai.core import jsonl
from lai.core.records import Completion
from lai.engines.openai.dialect import MalformedError, parse, said, split_reasoning
from tests.support.openai_server import completion


@pytest.mark.parametrize(
    ("finish_reason", "expected"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", "stop"),
        ("max_tokens", "length"),
        ("safety", "content_filter"),
    ],
)
def test_stop_reasons(finish_reason: str, expected: str) -> None:
    assert parse("k", str(completion("cut", finish_reason).body)).stop_reason == expected


def test_a_refusal_is_its_own_stop_reason_with_its_text() -> None:
    reply = parse("k", str(completion(None, refusal="I cannot help with that.").body))
    assert (reply.text, reply.stop_reason) == ("I cannot help with that.", "refusal")


@pytest.mark.parametrize(
    ("message", "reasoning", "text"),
    [
        ({"content": "4", "reasoning_content": "2 + 2"}, "2 + 2", "4"),
        ({"content": "4", "reasoning": "2 + 2"}, "2 + 2", "4"),
        ({"content": "<think>\n2 + 2\n</think>\n\n4"}, "2 + 2", "4"),
        ({"content": "4", "reasoning_content": None}, "", "4"),
        ({"content": [{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]}, "", "42"),
        ({"content": None}, "", ""),
    ],
)
def test_reasoning_is_kept_apart(message: dict[str, Any], reasoning: str, text: str) -> None:
    body = {"choices": [{"message": message, "finish_reason": "stop"}]}
    reply = parse("k", json.dumps(body))
    assert (reply.reasoning, reply.text) == (reasoning, text)
    assert reply.usage.prompt_tokens == reply.usage.completion_tokens == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4", ("", "4")),
        ("  <think>a</think> b", ("a", "b")),
        ("a\n</think>\n\nb", ("a", "b")),
        ("<think>cut off", ("cut off", "")),
        ("the tag <think> opens", ("", "the tag <think> opens")),
        ("say <think>x</think>", ("", "say <think>x</think>")),
        ("<think></think>b", ("", "b")),
        ('{"a": "5 </think> 7"}', ("", '{"a": "5 </think> 7"}')),
        ('```json\n{"a": "</think>"}\n```', ("", '```json\n{"a": "</think>"}\n```')),
        ('<think>{"a": 1}</think>{"a": 2}', ('{"a": 1}', '{"a": 2}')),
    ],
)
def test_split_reasoning(text: str, expected: tuple[str, str]) -> None:
    assert split_reasoning(text) == expected


def test_nul_and_lone_surrogates_survive_to_a_file(tmp_path: Path) -> None:
    awkward = "nul \x00, half \ud83d, whole \U0001f600, \u202eright to left\u2028"
    reply = parse("k", str(completion(awkward).body))
    assert reply.text == awkward.replace("\ud83d", "\ufffd")
    record = Completion(
        sample="sample_1",
        model="m",
        messages=[{"role": "user", "content": "?"}],
        completion=reply.text,
        stop_reason="stop",
    )
    jsonl.write(tmp_path / "rows.jsonl", [record])
    assert jsonl.read(Completion, tmp_path / "rows.jsonl") == [record]


@pytest.mark.parametrize(
    "usage",
    [
        *(None, {}, [], {"prompt_tokens": None, "completion_tokens": "3"}),
        *({"prompt_tokens": 7}, {"prompt_tokens": -7, "completion_tokens": 3}),
        {"prompt_tokens": 7, "completion_tokens": 10**20},
        {"prompt_tokens": True, "completion_tokens": 3},
    ],
)
def test_a_senseless_usage_counts_nothing(usage: Any) -> None:
    body = {"choices": [{"message": {"content": "x"}}], "usage": usage}
    reply = parse("k", json.dumps(body))
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (0, 0)


def test_what_a_model_thinks_counts_where_the_total_alone_tells_of_it() -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 110}
    reply = parse("k", json.dumps({"choices": [{"message": {"content": "x"}}], "usage": usage}))
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (7, 103)


@pytest.mark.parametrize(
    "text",
    [
        *("", "  ", "null", "[]", '"text"', "{}", '{"choices": null}', '{"choices": [1]}'),
        '{"choices": [{"message": null}]}',
        '{"choices": [{"message": {}, "finish_reason": "error"}]}',
        "[" * 100_000,
    ],
    ids=range(11),
)
def test_what_is_no_completion_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        parse("k", text)


@pytest.mark.parametrize(
    ("complaint", "expected"),
    [
        ({"message": "no"}, "no"),
        ({"error": {"message": "no"}}, "no"),
        ({"error": "no"}, "no"),
        ({"detail": "no"}, "no"),
        ("no", "no"),
        (None, ""),
        ("<!DOCTYPE html><title>x", "an HTML page"),
    ],
)
def test_said(complaint: object, expected: str) -> None:
    assert said(complaint) == expected
