"""Which known question stands in a prompt."""

from __future__ import annotations

from collections.abc import Iterable

from lai.core.records import Sample

WORDS = 8


class Places:
    """Questions by their first words, so that a prompt is searched once for all of them."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._starts: dict[tuple[str, ...], list[tuple[str, Sample]]] = {}
        for sample in samples:
            self.add(sample.input, sample)

    def add(self, question: str, sample: Sample) -> None:
        """Know `question`, too: it has the answer of `sample`."""
        start = tuple(question.split()[:WORDS])
        if start:
            self._starts.setdefault(start, []).append((question.strip(), sample))

    def find(self, prompt: str) -> Sample | None:
        """The sample of the first question that stands in `prompt`, of several the longest."""
        words = prompt.split()
        for place in range(len(words)):
            for size in range(WORDS, 0, -1):
                candidates = self._starts.get(tuple(words[place : place + size]), ())
                found = [one for one in candidates if one[0] in prompt]
                if found:
                    return max(found, key=lambda one: len(one[0]))[1]
        return None
