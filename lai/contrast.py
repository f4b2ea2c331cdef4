"""For each error the nearest questions that the target answered correctly (LEC)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from lai.core.records import ContrastSet, Error, Neighbor, Sample, Solved

BLOCK = 512
"""Errors compared at a time: bounds memory at BLOCK x solved similarities."""


def pair(
    errors: Iterable[Error], solved: Iterable[Solved], samples: Iterable[Sample], k: int
) -> list[ContrastSet]:
    """The `k` nearest solved samples of the same task for every error, nearest first.

    Word TF-IDF, cosine similarity (Salton & Buckley 1988). Fewer than `k` solved samples give
    fewer neighbors, none gives an empty set; equal similarities are ordered by sample id.
    """
    text = {sample.id: "\n".join([sample.input, *sample.choices]) for sample in samples}
    errors_of: dict[str, list[Error]] = {}
    solved_of: dict[str, list[Solved]] = {}
    for error in sorted(errors, key=lambda error: error.id):
        errors_of.setdefault(error.task, []).append(error)
    for record in sorted(solved, key=lambda record: record.sample):
        solved_of.setdefault(record.task, []).append(record)
    return [
        contrast
        for task, group in errors_of.items()
        for contrast in _pair_task(group, solved_of.get(task, []), text, k)
    ]


def _pair_task(
    errors: Sequence[Error], solved: Sequence[Solved], text: dict[str, str], k: int
) -> list[ContrastSet]:
    if not solved:
        return [ContrastSet(parents=[error.id], error=error.id, neighbors=[]) for error in errors]
    vectorizer = TfidfVectorizer(token_pattern=r"\w+|[^\w\s]", sublinear_tf=True)
    known = vectorizer.fit_transform(text[record.sample] for record in solved)
    failed = vectorizer.transform(text[error.sample] for error in errors)
    found = []
    for start in range(0, len(errors), BLOCK):
        similarities = (failed[start : start + BLOCK] @ known.T).toarray()
        for error, row in zip(errors[start : start + BLOCK], similarities, strict=True):
            nearest = np.argsort(-row, kind="stable")[:k]
            neighbors = [
                Neighbor(
                    sample=solved[i].sample,
                    completion=solved[i].completion,
                    similarity=round(float(row[i]), 6),
                )
                for i in nearest
            ]
            parents = [error.id, *(neighbor.completion for neighbor in neighbors)]
            found.append(ContrastSet(parents=parents, error=error.id, neighbors=neighbors))
    return found
