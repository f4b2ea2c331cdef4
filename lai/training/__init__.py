"""Supervised fine-tuning of the target with LoRA. Nothing heavy is imported before it starts."""

from lai.training.lesson import Lesson
from lai.training.outcome import sentence, train
from lai.training.replay import replay_rows, trained_on

__all__ = ["Lesson", "replay_rows", "sentence", "train", "trained_on"]
