"""Where and how a run is done: nothing here changes an answer, and no stage is rerun for it."""

from __future__ import annotations

import math
import os
import re
from typing import Annotated

from pydantic import Field, model_validator

from lai.core.params.section import Count, Positive, Section

MOST_MONEY = 1e9
"""In any currency: a greater figure is a slip."""
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_KEY = re.compile(r"(?=.{20})(sk|(?=.*[a-z])(?=.*[A-Z])(?=.*\d)|[0-9a-f]{32})")
"""What could be a name as well, and looks like a key."""
BATCH_SHARE = 0.5
"""What the Batch API costs of the price of live calls."""


def _known(name: str) -> bool:
    """Whether it is a variable after all: it is set, or says that it holds a key."""
    return name in os.environ or (len(name) < 40 and re.search("key|token", name, re.I) is not None)


class PriceParams(Section):
    """What a million tokens cost, in whatever currency the reader pays."""

    input: Annotated[float, Field(ge=0, le=MOST_MONEY)]
    output: Annotated[float, Field(ge=0, le=MOST_MONEY)]

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What so many tokens cost."""
        return (prompt_tokens * self.input + completion_tokens * self.output) / 1e6

    def times(self, factor: float) -> PriceParams:
        """A price so many times as high."""
        return PriceParams(input=self.input * factor, output=self.output * factor)


class EndpointParams(Section):
    """How to reach an OpenAI-compatible server, and its price. None of it can change an answer.

    `concurrency`: the most requests in flight; fewer while the server refuses for load.
    `requests_per_minute`, `tokens_per_minute`: what an account may, if less than that.
    `api_version`: of an Azure deployment, whose key goes into a header of another name.
    """

    base_url: str | None = None
    api_version: str | None = None
    api_key_env: str = "OPENAI_API_KEY"
    concurrency: Positive = 8
    requests_per_minute: Positive | None = None
    tokens_per_minute: Positive | None = None
    timeout: Annotated[float, Field(gt=0)] = 120.0
    max_retries: Count = 6
    price: PriceParams | None = None

    @model_validator(mode="after")
    def _named(self) -> EndpointParams:
        # Of the whole section, so that no message quotes what may be a key.
        name = self.api_key_env
        if not _NAME.fullmatch(name) or (_KEY.match(name) and not _known(name)):
            raise ValueError(
                "api_key_env is the name of an environment variable, such as OPENAI_API_KEY, and "
                "what stands there is none, or looks like a key; if it is one, put it into the "
                "environment or .env, and make a new one if this file was committed"
            )
        return self


def in_words(cost: float) -> str:
    """A cost to four digits after the point, or to its first two digits where it is smaller."""
    digits = 4 if cost == 0 else max(4, 1 - math.floor(math.log10(abs(cost))))
    return f"{cost:,.{digits}f}"


class BudgetParams(Section):
    """The most that a run may take, of all that it asks together; null: as much as it needs.

    `cost` is in the currency of the prices. A run is everything since `lai budget --new`.
    """

    cost: Annotated[float, Field(ge=0, le=MOST_MONEY)] | None = None
    calls: Count | None = None
    tokens: Count | None = None


class SideBySideParams(Section):
    """How many programs run side by side; null: one a core."""

    workers: Positive | None = None


class RuntimeParams(Section):
    """What no answer depends on, and no stage is rerun for."""

    device: str = "auto"
    batch_tokens: Positive = 16384
    instructor: EndpointParams = EndpointParams()
    judge: EndpointParams = EndpointParams()
    target: EndpointParams = EndpointParams()
    budget: BudgetParams = BudgetParams()
    sandbox: SideBySideParams = SideBySideParams()
