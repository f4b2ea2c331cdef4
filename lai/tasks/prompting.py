"""A sample as the target sees it, and as the scorer sees it."""

from __future__ import annotations

from lai.core.params.schema import Task
from lai.core.prompts import render
from lai.core.records import Message, Sample
from lai.core.text import normalized
from lai.scorers import Question


def question_text(sample_input: str, choices: list[str]) -> str:
    """The normalised question with its options: what two copies of one item have in common."""
    return normalized("\n".join([sample_input, *sorted(choices)]))


def messages(sample_input: str, choices: list[str], task: Task) -> list[Message]:
    """The chat that the target sees for a question of `task`."""
    text = render(f"target/{task.prompt}.jinja", input=sample_input, choices=choices)
    return [{"role": "user", "content": text}]


def question(sample: Sample) -> Question:
    """The scorer's view of a sample."""
    return Question(sample.reference, sample.choices, sample.metadata)
