"""How the target is trained."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lai.core.params.section import Positive, Section


class LoraParams(Section):
    """LoRA on all linear layers (Hu et al. 2021)."""

    rank: Positive = 16
    alpha: Positive = 32
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0


class ReplayParams(Section):
    """Against forgetting. `ratio`: replayed rows a taught row, so that replay grows with the data.

    `source`: `solved` for the pool samples that the target solved (its own completions), or the
    path of a JSONL file of rows with `prompt` and `completion` messages.
    """

    ratio: Annotated[float, Field(ge=0)] = 1.0
    source: str = "solved"


class TrainParams(Section):
    """LoRA supervised fine-tuning."""

    start_from: Literal["base", "previous"] = "base"
    epochs: Positive = 1
    learning_rate: Annotated[float, Field(gt=0)] = 2e-4
    batch_size: Positive = 16
    gradient_accumulation: Positive = 1
    max_length: Positive = 2048
    warmup_ratio: Annotated[float, Field(ge=0, le=1)] = 0.05
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    lora: LoraParams = LoraParams()
    replay: ReplayParams = ReplayParams()
