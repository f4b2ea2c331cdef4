"""Training of the target with LoRA, on rows and pairs. Nothing heavy is imported before it."""

from lai.training.lesson import Lesson
from lai.training.outcome import sentence, train

__all__ = ["Lesson", "sentence", "train"]
