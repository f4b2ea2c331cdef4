"""What the instructor is shown: the records that a seed points at, rendered as text."""

from __future__ import annotations

from collections.abc import Sequence

from lai.core.prompts import options
from lai.core.records import Completion, Sample


class Material:
    """The records a seed points at, for rendering it as the instructor sees it."""

    def __init__(self, samples: Sequence[Sample], completions: Sequence[Completion]) -> None:
        self.samples = {sample.id: sample for sample in samples}
        self.completions = {completion.id: completion for completion in completions}

    def question(self, sample: str) -> str:
        """The question with its lettered options."""
        found = self.samples[sample]
        return "\n".join([found.input, options(found.choices)]) if found.choices else found.input

    def response(self, completion: str) -> str:
        """What the target said."""
        return self.completions[completion].completion

    def reference(self, sample: str) -> str:
        """The reference answer, after the worked solution where the data set has one."""
        found = self.samples[sample]
        if found.choices:
            index = ord(found.reference) - ord("A")
            return f"{found.reference}) {found.choices[index]}"
        solution = str(found.metadata.get("solution") or "").strip()
        if not solution or found.reference in solution.splitlines() or solution == found.reference:
            return solution or found.reference
        return f"{solution}\n{found.reference}"
