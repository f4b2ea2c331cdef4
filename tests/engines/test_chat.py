"""Thinking is kept apart from the answer, whoever opened it and however it is marked."""

from __future__ import annotations

import pytest

from lai.engines.hf import chat
from tests.support import tiny_model

THINKING = [
    # text, opened by the prompt, reasoning, answer
    ("4", False, "", "4"),
    ("<think>\n2+2\n</think>\n\n4", False, "2+2", "4"),
    ("2+2\n</think>\n\n  4", True, "2+2", "  4"),
    ("2+2 is", True, "2+2 is", ""),
    ("<think>2+2 is", False, "2+2 is", ""),
    ("so </think> is a tag", False, "", "so </think> is a tag"),
]


@pytest.mark.parametrize("special", [False, True])
@pytest.mark.parametrize(("text", "opened", "reasoning", "answer"), THINKING)
def test_thinking_is_kept_apart(
    text: str, opened: bool, reasoning: str, answer: str, special: bool
) -> None:
    tokenizer = tiny_model.tokenizer()
    if special:
        marks = [tiny_model.TURN, chat.OPEN, chat.CLOSE]
        tokenizer.add_special_tokens({"extra_special_tokens": marks})
    ids = tokenizer(text + tiny_model.TURN, add_special_tokens=False)["input_ids"]
    assert chat.split_thinking(tokenizer, ids, opened) == (reasoning, answer)
