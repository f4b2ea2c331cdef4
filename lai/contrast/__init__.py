"""For each error the nearest questions that the target answered correctly (LEC)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lai.contrast.embedders import Embed
from lai.contrast.nearest import nearest
from lai.core.records import ContrastSet, Error, Neighbor, Sample, Solved


def pair(
    errors: Iterable[Error],
    solved: Iterable[Solved],
    samples: Iterable[Sample],
    k: int,
    embed: Embed,
) -> list[ContrastSet]:
    """The `k` nearest solved samples of the same task for every error, nearest first.

    Near is by cosine similarity of what `embed` makes of question and options. Fewer than `k`
    solved samples give fewer neighbors, none gives an empty set; equal similarities are ordered by
    sample id.
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
        for contrast in _pair_task(group, solved_of.get(task, []), text, k, embed)
    ]


def _pair_task(
    errors: Sequence[Error], solved: Sequence[Solved], text: dict[str, str], k: int, embed: Embed
) -> list[ContrastSet]:
    if not solved:
        return [ContrastSet(parents=[error.id], error=error.id, neighbors=[]) for error in errors]
    known, failed = embed(
        [text[record.sample] for record in solved], [text[error.sample] for error in errors]
    )
    found = []
    for error, near in zip(errors, nearest(known, failed, k), strict=True):
        neighbors = [
            Neighbor(
                sample=solved[place].sample,
                completion=solved[place].completion,
                similarity=similarity,
            )
            for place, similarity in near
        ]
        parents = [error.id, *(neighbor.completion for neighbor in neighbors)]
        found.append(ContrastSet(parents=parents, error=error.id, neighbors=neighbors))
    return found
