"""The models that params.yaml names: who is taught, who teaches, who judges."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from lai.core.params.runtime import BATCH_SHARE, PriceParams
from lai.core.params.section import Positive, Section

NO_JUDGE = (
    "params.yaml names no judge; add judge: {provider: openai, model: ...}, and "
    "runtime.judge.base_url for another server"
)


OWN_FIELDS = frozenset(
    "model messages max_tokens max_completion_tokens temperature seed response_format n best_of"
    " stream".split()
)
"""What `extra_body` must not hold: the number and length of answers bound what a call can cost."""


class _Asked(Section):
    """Who is asked. No server's provider is `builtin`: what that says is free, and not restored."""

    @model_validator(mode="after")
    def _not_free(self) -> Self:
        if getattr(self, "engine", "") == "openai" and getattr(self, "provider", "") == "builtin":
            raise ValueError(
                "`provider: builtin` is the demo's tutor, whose replies are free; name who serves "
                "the model"
            )
        return self


class TargetParams(_Asked):
    """The model being taught.

    `responses`: the JSONL file or files that `engine: replay` answers from; `model` then says whose
    they are.
    """

    engine: Literal["hf", "openai", "replay"] = "hf"
    model: str
    responses: str | list[str] = []
    revision: str | None = None
    provider: str = ""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    chat_template_kwargs: dict[str, Any] = {}
    max_tokens: Positive = 512
    temperature: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _recorded(self) -> TargetParams:
        if (self.engine == "replay") != bool(self.responses):
            raise ValueError("`engine: replay` and `responses` (JSONL files) go together")
        return self

    @property
    def logs(self) -> list[str]:
        """The paths of `responses`; none where it names none."""
        return [self.responses] if isinstance(self.responses, str) else self.responses


class InstructorParams(_Asked):
    """The model that analyses errors and writes samples.

    `mode`: `batch` hands all requests of a step to the provider's Batch API, at half the price and
    within a day. `chat_template_kwargs`: for a server that renders the chat itself, such as vLLM.
    `extra_body`: what a provider takes beyond OpenAI's API. The builtin tutor is `tutor`;
    `tutor-errs-20` misjudges 20 in a hundred errors.
    """

    engine: Literal["builtin", "openai"] = "builtin"
    mode: Literal["live", "batch"] = "live"
    provider: str = "openai"
    model: str = "tutor"
    temperature: Annotated[float, Field(ge=0)] = 0.8
    max_tokens: Positive = 4095
    structured_output: Literal["json_schema", "json_object", "none"] = "json_schema"
    chat_template_kwargs: dict[str, Any] = {}
    extra_body: dict[str, Any] = {}

    @model_validator(mode="after")
    def _no_request_of_its_own(self) -> InstructorParams:
        if taken := sorted(OWN_FIELDS & set(self.extra_body)):
            raise ValueError(
                f"extra_body: {taken[0]} is set by LaI, which counts by it what a call may cost"
            )
        return self

    @model_validator(mode="after")
    def _tutor(self) -> InstructorParams:
        if self.engine == "builtin" and self.mode == "batch":
            raise ValueError("`mode: batch` needs a provider: `engine: openai`")
        if self.engine == "builtin" and not re.fullmatch(r"tutor(-errs-\d{1,3})?", self.model):
            raise ValueError(
                f"`engine: builtin` has the models tutor and tutor-errs-N, no {self.model}"
            )
        return self

    def pays(self, price: PriceParams | None) -> PriceParams | None:
        """What a million tokens cost in this mode, where `price` is that of live calls."""
        return price.times(BATCH_SHARE) if price and self.mode == "batch" else price


class JudgeParams(InstructorParams):
    """The model that judges answers of tasks with `scorer: judge`; `engine: hf` in this process."""

    engine: Literal["openai", "hf"] = "openai"  # type: ignore[assignment]
    mode: Literal["live"] = "live"
    model: str
    revision: str | None = None
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    temperature: Annotated[float, Field(ge=0)] = 0.0
    max_tokens: Positive = 1024
