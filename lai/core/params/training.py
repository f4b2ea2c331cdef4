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


class DpoParams(Section):
    """Direct preference optimization (Rafailov et al. 2023), on pairs of responses to one question.

    `beta`: how much leaving the model that it starts from costs. `epochs`: null takes those of
    `train`, and so every objective as many steps. `share`: how much of the budget goes to pairs
    under `sft+dpo`.
    """

    beta: Annotated[float, Field(gt=0)] = 0.1
    learning_rate: Annotated[float, Field(gt=0)] = 1e-5
    epochs: Positive | None = None
    share: Annotated[float, Field(gt=0, lt=1)] = 0.25


class TrainParams(Section):
    """Training with LoRA. `objective`: what is taught by, see `lai.preference`."""

    objective: Literal["sft", "dpo", "sft+dpo"] = "sft"
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
    dpo: DpoParams = DpoParams()

    @property
    def paired(self) -> float:
        """Which part of the budget goes to pairs."""
        return {"sft": 0.0, "sft+dpo": self.dpo.share, "dpo": 1.0}[self.objective]
