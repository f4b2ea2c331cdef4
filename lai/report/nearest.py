"""Which of the rows that were taught stand nearest to a question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lai.core.params.tasks import Task
from lai.core.records import Sample
from lai.report.trail import SHARED, Taught, what

BLOCK = 256
"""Questions that are compared at a time: it bounds the memory."""
FARTHEST = 0.1
"""Rows with less than that in common with the question are no neighbours."""


@dataclass(frozen=True)
class Near:
    """The nearest rows, nearest first, and how they are known to be near."""

    rows: list[Taught]
    how: str


def nearest(
    samples: Sequence[Sample], rows: Sequence[Taught], tasks: Mapping[str, Task], k: int = 2
) -> list[Near]:
    """For each sample up to `k` rows taught, as near in lineage as can be said.

    A pool sample's own exercises (written for its error) go first. A dev or test sample has no
    lineage: rows about the same skill or subject go before rows of similar wording (the cosine of
    TF-IDF vectors). Among the first kinds, too, the most similar is nearest. Rows of the sample's
    family alone are looked at, where there are any.
    """
    found: list[Near] = [Near([], "")] * len(samples)
    families = {name: task.family for name, task in tasks.items()}
    of_family: defaultdict[str, list[Taught]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.id):
        of_family[families[row.task]].append(row)
    asked: defaultdict[str, list[int]] = defaultdict(list)
    for place, sample in enumerate(samples):
        asked[families[sample.task]].append(place)
    for family, places in asked.items():
        mine = of_family.get(family) or sorted(rows, key=lambda row: row.id)
        if mine:
            group = _of_family([samples[place] for place in places], mine, k)
            for place, near in zip(places, group, strict=True):
                found[place] = near
    return found


def _of_family(samples: Sequence[Sample], rows: Sequence[Taught], k: int) -> list[Near]:
    from sklearn.feature_extraction.text import TfidfVectorizer  # takes a second to import

    vectors = TfidfVectorizer(token_pattern=r"\w+", sublinear_tf=True)
    try:
        known = vectors.fit_transform([row.question for row in rows]).T.tocsr()
    except ValueError:  # no word at all
        known = None
    by_sample: defaultdict[str, list[int]] = defaultdict(list)
    by_topic: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        for sample in row.lesson.samples if row.lesson else ():
            by_sample[sample].append(place)
        for topic in row.about:
            by_topic[topic].append(place)
    found = []
    for start in range(0, len(samples), BLOCK):
        block = samples[start : start + BLOCK]
        if known is None:
            alike = np.zeros((len(block), len(rows)))
        else:
            alike = (vectors.transform([one.input for one in block]) @ known).toarray()
        for sample, row_alike in zip(block, alike, strict=True):
            how, places = _candidates(sample, by_sample, by_topic)
            if not places:
                how, places = "", [int(one) for one in np.flatnonzero(row_alike > FARTHEST)]
            places.sort(key=lambda place, near=row_alike: (-round(float(near[place]), 6), place))
            if not how and places:
                how = f"similar wording, cosine {row_alike[places[0]]:.2f}"
            found.append(Near([rows[place] for place in places[:k]], how))
    return found


def _candidates(
    sample: Sample,
    by_sample: Mapping[str, list[int]],
    by_topic: Mapping[tuple[str, str], list[int]],
) -> tuple[str, list[int]]:
    if sample.id in by_sample:
        return "written for this error", list(by_sample[sample.id])
    topics = what(sample)
    for key in SHARED:
        for topic in topics:
            if topic[0] == key and topic in by_topic:
                return f"same {key}: {sample.metadata[key]}", list(by_topic[topic])
    return "", []
