"""Errors as the instructor sees them: the records that they point at, rendered as text."""

from __future__ import annotations

from collections.abc import Sequence

from lai.core.prompts import options
from lai.core.records import Completion, Error, Sample


class Material:
    """The records an error points at, for rendering it as the instructor sees it."""

    def __init__(self, samples: Sequence[Sample], completions: Sequence[Completion]) -> None:
        self._samples = {sample.id: sample for sample in samples}
        self._completions = {completion.id: completion for completion in completions}

    def question(self, sample: str) -> str:
        """The question with its lettered options."""
        found = self._samples[sample]
        return "\n".join([found.input, options(found.choices)]) if found.choices else found.input

    def response(self, completion: str) -> str:
        """What the target said."""
        return self._completions[completion].completion

    def reference(self, error: Error) -> str:
        """The reference answer, after the worked solution where the data set has one."""
        sample = self._samples[error.sample]
        if sample.choices:
            index = ord(error.reference) - ord("A")
            return f"{error.reference}) {sample.choices[index]}"
        solution = str(sample.metadata.get("solution") or "").strip()
        if not solution or error.reference in solution.splitlines() or solution == error.reference:
            return solution or error.reference
        return f"{solution}\n{error.reference}"
