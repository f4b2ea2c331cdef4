"""What calls cost: of one call at most, before it is sent, and in the end."""

from __future__ import annotations

import json
from typing import NamedTuple

from lai.core.params.runtime import PriceParams
from lai.core.records import Usage
from lai.engines.base import Request

PER_MESSAGE = 16
"""Tokens that a chat template puts around a message."""
PER_REQUEST = 256
"""Tokens that it puts around all, such as a system prompt, or the sentence before a schema."""


class Spending(NamedTuple):
    """Calls, their tokens (prompts and answers together), and what they cost by params.yaml."""

    calls: int = 0
    tokens: int = 0
    cost: float = 0.0

    def __add__(self, other: Spending) -> Spending:  # type: ignore[override]
        """Both together; not a tuple of both."""
        return Spending(self[0] + other[0], self[1] + other[1], self[2] + other[2])


def most_of(request: Request, price: PriceParams | None) -> Spending:
    """More than one call can cost.

    No tokenizer makes more tokens of a text than it has bytes of UTF-8, and no answer is longer
    than `max_tokens`, which includes what a model thinks; params refuse another such limit and
    more than one answer in `extra_body`, as OpenAI names them.
    """
    texts = [message["content"] for message in request.messages]
    if request.json_schema is not None:
        texts.append(json.dumps(request.json_schema, ensure_ascii=False))
    for more in filter(None, (request.options, request.extra_body)):
        texts.append(json.dumps(more, ensure_ascii=False))
    prompt = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    prompt += PER_MESSAGE * len(request.messages) + PER_REQUEST
    return spent_on(Usage(prompt_tokens=prompt, completion_tokens=request.max_tokens), price)


def spent_on(usage: Usage, price: PriceParams | None) -> Spending:
    """What one call cost; without a price its cost is 0."""
    tokens = usage.prompt_tokens, usage.completion_tokens
    return Spending(1, sum(tokens), price.of(*tokens) if price else 0.0)
