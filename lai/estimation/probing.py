"""Which real requests a probe sends: so many in all, some of every kind that the run will ask."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from lai.core.strategies import shares
from lai.engines.base import Reply, Request
from lai.engines.store.cache import Cached

SOLUTION = "SolutionShape"
Kind = tuple[str, bool]
"""A stage, and whether a question is solved there or written about."""
KINDS: tuple[Kind, ...] = (
    ("analyze", False),
    ("synthesize", False),
    ("synthesize", True),
    ("analyze", True),
)
"""Those that others need come first: exercises are of analyses, and are then solved again."""
Shapes = Mapping[tuple[str, str], int]
"""Tokens that replies take in all, by stage and shape of reply."""


@dataclass
class Asker:
    """Who is really asked, and how many calls of each kind are left, of `total` in all.

    `waiting`: the shapes of a kind that have not been asked for yet, which get as many calls each.
    """

    engine: Cached
    left: Counter[Kind]
    total: int
    waiting: dict[Kind, set[str]]
    asked: int = 0

    @classmethod
    def of(cls, engine: Cached, shapes: Shapes, calls: int, freely: bool) -> Self:
        """For `calls` calls; `freely`: of whatever kinds there are requests of."""
        kinds = [kind for kind in KINDS if any(_kind(*one) == kind for one in shapes)]
        waiting = {
            kind: {shape for stage, shape in shapes if _kind(stage, shape) == kind}
            for kind in kinds
        }
        left = dict.fromkeys(kinds, calls) if freely else quotas(shapes, calls)
        return cls(engine, Counter(left), calls, waiting)

    def ask(self, stage: str, requests: Sequence[Request]) -> dict[str, Reply]:
        """The replies to some of `requests`, evenly spread."""
        replies = {}
        for shape in sorted({shape_of(one) for one in requests}):
            mine = [one for one in requests if shape_of(one) == shape]
            count = min(self._allowed(_kind(stage, shape), shape), len(mine))
            chosen = [mine[place * len(mine) // count] for place in range(count)]
            for reply in self.engine.generate(chosen) if chosen else ():
                replies[reply.request_key] = reply
            self.left[_kind(stage, shape)] -= count
            self.asked += count
        return replies

    def _allowed(self, kind: Kind, shape: str) -> int:
        others = self.waiting.get(kind, set())
        others.discard(shape)
        return min(math.ceil(self.left[kind] / (1 + len(others))), self.total - self.asked)


def quotas(shapes: Shapes, calls: int) -> dict[Kind, int]:
    """`calls`, one of each kind first, the rest by the root of the tokens that the kinds take.

    (Neyman's allocation, where the lengths of every kind vary alike, is by the tokens themselves;
    the root leaves some for the small ones.)
    """
    tokens = {
        kind: sum(count for one, count in shapes.items() if _kind(*one) == kind) for kind in KINDS
    }
    roots = {kind: math.sqrt(count) for kind, count in tokens.items() if count}
    found = dict.fromkeys(list(roots)[:calls], 1)
    rest, total = calls - len(found), sum(roots.values())
    more = shares({str(kind): root / total for kind, root in roots.items()}, rest) if rest else {}
    return {kind: count + more.get(str(kind), 0) for kind, count in found.items()}


def shape_of(request: Request) -> str:
    """The name of the schema that the reply is to fit; empty for a target's answer."""
    return str((request.json_schema or {}).get("title", ""))


def _kind(stage: str, shape: str) -> Kind:
    return stage, shape == SOLUTION
