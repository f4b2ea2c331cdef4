"""Which of the rows that were taught stand nearest to a question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lai.attribution.taught import SHARED, Taught, what
from lai.core.params.tasks import Task
from lai.core.records import Sample

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

    A pool sample's own exercises (written for it) go first. A dev or test sample has no
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
    by_sample: defaultdict[str, list[int]] = defaultdict(list)
    by_topic: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        for behind in row.lesson.samples if row.lesson else ():
            by_sample[behind].append(place)
        for topic in row.about:
            by_topic[topic].append(place)
    found = []
    for sample, alike in zip(samples, _similarities(samples, rows), strict=True):
        how, places = _candidates(sample, by_sample, by_topic)
        if not how:
            places = [place for place, near in enumerate(alike) if near > FARTHEST]
        best = sorted((-alike[place], place) for place in places)[:k]
        if best and not how:
            how = f"similar wording, cosine {-best[0][0]:.2f}"
        found.append(Near([rows[place] for _, place in best], how))
    return found


def _similarities(samples: Sequence[Sample], rows: Sequence[Taught]) -> Iterator[list[float]]:
    """For each sample the cosines with the rows' questions, rounded so that ties are ties."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # takes a second to import

    vectors = TfidfVectorizer(token_pattern=r"\w+", sublinear_tf=True)
    try:
        known = vectors.fit_transform([row.question for row in rows]).T.tocsr()
    except ValueError:  # no word at all
        yield from ([0.0] * len(rows) for _ in samples)
        return
    for start in range(0, len(samples), BLOCK):
        block = vectors.transform([one.input for one in samples[start : start + BLOCK]])
        yield from (block @ known).toarray().round(6).tolist()


def _candidates(
    sample: Sample,
    by_sample: Mapping[str, list[int]],
    by_topic: Mapping[tuple[str, str], list[int]],
) -> tuple[str, list[int]]:
    if sample.id in by_sample:
        return "written for this question", list(by_sample[sample.id])
    topics = what(sample)
    for key in SHARED:
        for topic in topics:
            if topic[0] == key and topic in by_topic:
                return f"same {key}: {sample.metadata[key]}", list(by_topic[topic])
    return "", []
