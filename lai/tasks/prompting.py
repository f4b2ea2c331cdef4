"""A sample as the target sees it, and as the scorer sees it."""

from __future__ import annotations

from typing import Any

from lai.core.params.tasks import Task
from lai.core.prompts import render
from lai.core.records import Message, Sample, SyntheticSample
from lai.core.text import normalized
from lai.scorers import Question
from lai.tasks.listed import with_options


def question_text(sample_input: str, choices: list[str]) -> str:
    """The normalised question with its options: what two copies of one item have in common."""
    return normalized("\n".join([sample_input, *sorted(choices)]))


def messages(
    sample_input: str, choices: list[str], task: Task, metadata: dict[str, Any]
) -> list[Message]:
    """The chat that the target sees for a question of `task`, after the examples if it has any.

    A prompt may show `tests`, the assert statements that code is judged by. Where examples differ
    by subject, a question of no known subject is asked without.
    """
    examples = task.exemplars.get(str(metadata.get("subject", ""))) or task.exemplars.get("") or []
    chat: list[Message] = []
    for example in examples:
        chat.append(_asked(example.input, example.choices, task, example.tests))
        chat.append({"role": "assistant", "content": example.response})
    return [*chat, _asked(sample_input, choices, task, list(metadata.get("tests") or []))]


def _asked(text: str, choices: list[str], task: Task, tests: list[str]) -> Message:
    shown = render(f"target/{task.prompt}.jinja", input=text, choices=choices, tests=tests)
    return {"role": "user", "content": shown}


def question(sample: Sample | SyntheticSample) -> Question:
    """The scorer's view of a sample; options that its own text lists count as its choices."""
    if sample.choices:
        return Question(sample.reference, sample.choices, sample.metadata)
    return with_options(sample.input, sample.reference, sample.metadata)
