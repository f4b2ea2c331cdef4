"""Items whose answers the solved examples of a prompt show."""

from __future__ import annotations

from collections.abc import Iterable

from lai.core.records import Sample
from lai.core.text import normalized
from lai.overlap.words import LONG
from lai.tasks.drawing import rank
from lai.tasks.exemplars import BySubject, keys
from lai.tasks.prompting import question_text


def answered(shown: Iterable[BySubject], samples: Iterable[Sample]) -> set[str]:
    """The ids of `samples` that an example asks, too, or holds whole.

    Held is a question whose words stand in a row in what an example shows, and its options beside
    it. Of fewer than 13 words in all it may be the beginning of another one, and is not looked for.
    """
    shown = list(shown)
    known = set().union(*map(keys, shown))
    texts = [
        f" {normalized(' '.join([one.input, *one.choices, *one.tests, one.response]))} "
        for examples in shown
        for group in examples.values()
        for one in group
    ]
    every = "\n".join(texts)
    found = set()
    for sample in samples:
        question, *options = (f" {normalized(one)} " for one in (sample.input, *sample.choices))
        long = sum(len(one.split()) for one in (question, *options)) >= LONG
        if rank(question_text(sample.input, sample.choices), "") in known or (
            long
            and question in every
            and any(question in text and all(one in text for one in options) for text in texts)
        ):
            found.add(sample.id)
    return found
