"""Chats as tokens, labelled so that the loss is on the completion alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lai.core.errors import PipelineError
from lai.core.records import Message
from lai.engines.hf import chat

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Chat = tuple[Sequence[Message], Sequence[Message]]
"""What the model is asked, and what it is to answer."""
IGNORED = -100
"""The label of a token without a loss, by PyTorch's convention."""


@dataclass(frozen=True)
class Encoded:
    """One chat. `labels` are `input_ids` from the completion on, `IGNORED` before."""

    input_ids: list[int]
    labels: list[int]


def encode(
    chats: Sequence[Chat],
    tokenizer: PreTrainedTokenizerBase,
    options: Mapping[str, Any],
    stops: Sequence[int],
) -> list[Encoded]:
    """Render and tokenize chats as evaluation does, in the same order.

    The context of each completion is, token by token, the prompt that the model is asked with,
    and its last label is a stop token (`stops`; the first is added where the template has none).

    Raises: PipelineError when the template writes a prompt otherwise before an answer than alone.
    """
    prompts = [chat.render(tokenizer, asked, options, True) for asked, _ in chats]
    answers = []
    for (asked, answer), prompt in zip(chats, prompts, strict=True):
        whole = chat.render(tokenizer, [*asked, *answer], options, False)
        if not whole.startswith(prompt):
            raise PipelineError(_no_prefix(tokenizer.name_or_path, prompt, whole))
        answers.append(whole[len(prompt) :])
    # Tokenized apart: together, a token might reach across the border, and the model would be
    # taught on a context that it never sees when it answers.
    return [
        _labelled(prompt, _until_stop(answer, stops))
        for prompt, answer in zip(
            chat.tokenize(tokenizer, prompts), chat.tokenize(tokenizer, answers), strict=True
        )
    ]


def _labelled(prompt: list[int], answer: list[int]) -> Encoded:
    return Encoded([*prompt, *answer], [IGNORED] * len(prompt) + answer)


def _until_stop(answer: list[int], stops: Collection[int]) -> list[int]:
    """Up to the last stop token: a template's line break after it is never generated."""
    for index in range(len(answer) - 1, -1, -1):
        if answer[index] in stops:
            return answer[: index + 1]
    return [*answer, next(iter(stops))]


def _no_prefix(name: str, prompt: str, whole: str) -> str:
    same = next(
        (i for i, (a, b) in enumerate(zip(prompt, whole, strict=False)) if a != b),
        min(len(prompt), len(whole)),
    )
    return (
        f"target.model: the chat template of {name} writes a prompt that ends in "
        f"{prompt[max(0, same - 20) :][:80]!r}, but before an answer "
        f"{whole[max(0, same - 20) :][:80]!r}: training would not match evaluation; give the model "
        "a template whose generation prompt begins every answer, or set "
        "target.chat_template_kwargs (for thinking models, enable_thinking: false)"
    )
