"""Supervised fine-tuning of the target with LoRA. Nothing heavy is imported before it starts."""

from lai.training.outcome import carry_over, train
from lai.training.replay import replay_rows

__all__ = ["carry_over", "replay_rows", "train"]
