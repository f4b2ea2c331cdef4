"""Between messages and tokens: the model's own chat template, its stop tokens, its thinking."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from lai.core.errors import PipelineError
from lai.core.records import Message

if TYPE_CHECKING:
    from transformers import GenerationConfig, PreTrainedTokenizerBase

OPEN, CLOSE = "<think>", "</think>"


def render(
    tokenizer: PreTrainedTokenizerBase,
    messages: Sequence[Message],
    options: Mapping[str, Any],
    generation_prompt: bool,
) -> str:
    """The text of `messages` in the model's own chat template.

    `options` are further variables of the template, such as `enable_thinking`.

    Raises: PipelineError when there is no template, or when it refuses these messages.
    """
    try:
        text = tokenizer.apply_chat_template(
            [{"role": turn["role"], "content": turn["content"]} for turn in messages],
            tokenize=False,
            add_generation_prompt=generation_prompt,
            **options,
        )
    except (TemplateError, ValueError, TypeError) as error:
        raise PipelineError(
            f"target.model: the chat template of {tokenizer.name_or_path} cannot render "
            f"{[message['role'] for message in messages]}: {error}; take a model with a chat "
            "template for these roles, or put a chat_template.jinja into its folder"
        ) from error
    return str(text)


def tokenize(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    """Token ids of rendered texts, to which the tokenizer adds nothing of its own.

    A template writes the beginning-of-sequence token itself; a second one would shift the answers.
    """
    if not texts:
        return []
    ids = tokenizer(list(texts), add_special_tokens=False, return_attention_mask=False)["input_ids"]
    return [list(map(int, row)) for row in ids]


def stop_ids(tokenizer: PreTrainedTokenizerBase, config: GenerationConfig | None) -> list[int]:
    """The tokens that end an answer, the tokenizer's own first.

    Chat models often have several, such as Llama 3's end of text and end of turn.

    Raises: PipelineError when the model names none.
    """
    named = config.eos_token_id if config is not None else None
    several = named if isinstance(named, list) else [named]
    found = [int(i) for i in (tokenizer.eos_token_id, *several) if i is not None]
    if not found:
        raise PipelineError(
            f"target.model: {tokenizer.name_or_path} names no end-of-sequence token; "
            "set eos_token_id in its generation_config.json"
        )
    return list(dict.fromkeys(found))


def opens_thinking(prompt: str) -> bool:
    """Whether the template has already opened a block of reasoning for the model to go on with."""
    return prompt.rstrip().endswith(OPEN)


def split_thinking(
    tokenizer: PreTrainedTokenizerBase, ids: Sequence[int], opened: bool
) -> tuple[str, str]:
    """(reasoning, answer) of generated ids. Reasoning that never ended leaves no answer.

    `opened`: the prompt ended inside the block of reasoning (`opens_thinking`).
    """
    text = _decode(tokenizer, ids)
    if not opened and not text.lstrip().startswith(OPEN):
        return "", text
    reasoning, _, answer = text.partition(CLOSE)
    return reasoning.strip().removeprefix(OPEN).strip(), answer.lstrip("\n")


def _decode(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> str:
    special = set(tokenizer.all_special_tokens)
    if special.isdisjoint((OPEN, CLOSE)):
        return str(tokenizer.decode(list(ids), skip_special_tokens=True))
    # Some tokenizers count the marks themselves as special, and would skip them too.
    others = "|".join(re.escape(token) for token in sorted(special - {OPEN, CLOSE}))
    text = str(tokenizer.decode(list(ids), skip_special_tokens=False))
    return re.sub(others, "", text) if others else text
