"""Training of the target with LoRA, on rows and pairs. Nothing heavy is imported before it."""

from lai.training.budget import divided
from lai.training.lesson import Lesson
from lai.training.outcome import sentence, train
from lai.training.replay import replay_rows, trained_on

__all__ = ["Lesson", "divided", "replay_rows", "sentence", "train", "trained_on"]
