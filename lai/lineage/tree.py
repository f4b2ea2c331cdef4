"""A record's story as two trees: what it came from, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from lai.attribution.flips import Flip
from lai.attribution.nearest import Near
from lai.core.records import SyntheticSample
from lai.engines.base import Exchange
from lai.lineage import words
from lai.lineage.catalog import ABSENT, Catalog, Found, kind_of

EDITED = "stands in no verdict here: a person edited it, or another run wrote it"
AGAIN = "its reply did not fit, and was asked for again:"
COMPARED = "no record names it; a check or a score may have used it, and its question is of:"
Consequence = tuple[str, Sequence[str]]
"""What came of a record that is no record itself, and the ids of those that may be behind it."""


@dataclass(frozen=True)
class Node:
    """A record in a tree, or a `remark` in the place of one.

    `again`: it stands in the tree already, with what is below it.
    """

    found: Found | None = None
    remark: str = ""
    again: bool = False
    below: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        yield self
        for node in self.below:
            yield from node.walk()


class Trees:
    """Grows trees out of a catalog. `number`: so many records of a kind below one node.

    `consequences`: what came of a record beside the records that name it as a parent.
    """

    def __init__(
        self,
        catalog: Catalog,
        number: int,
        consequences: Callable[[Found], Sequence[Consequence]] = lambda _: (),
    ) -> None:
        self._catalog = catalog
        self._number = number
        self._consequences = consequences

    def behind(self, identity: str) -> Node:
        """The record and what it came from, down to the question that was asked."""
        return self._behind(identity, set())

    def ahead(self, identity: str) -> Node:
        """The record and what came of it."""
        return self._ahead(identity, set())

    def of_flip(self, flip: Flip, near: Near) -> Node:
        """An item with its answers before and after, and the taught rows nearest to it."""
        answers = [
            Node(remark=f"{when}, {words.answer(*one)}")
            for when, one in (("before", flip.before), ("after", flip.after))
        ]
        rows = [Node(self._catalog.get(row.id)) for row in near.rows]
        told = f"nearest of what was taught ({near.how})" if rows else "nothing taught is near"
        way = "fixed" if flip.fixed else "broken"
        below = [*answers, Node(remark=told, below=rows)]
        return Node(remark=way, below=[Node(self._catalog.get(flip.sample.id), below=below)])

    def _behind(self, identity: str, seen: set[str]) -> Node:
        node = self._node(identity, seen)
        if node.found and not node.again:
            node.below.extend(self._each(node.found.parents, self._behind, seen))
        return node

    def _ahead(self, identity: str, seen: set[str]) -> Node:
        node = self._node(identity, seen)
        if node.found and not node.again:
            node.below.extend(self._each(self._made_of(node.found), self._ahead, seen))
            for remark, origins in [*self._compared(node.found), *self._consequences(node.found)]:
                below = self._each(origins, self._behind, seen)
                node.below.append(Node(remark=remark, below=list(below)))
        return node

    def _node(self, identity: str, seen: set[str]) -> Node:
        found = self._catalog.get(identity)
        if found is None:
            written = kind_of(identity) == SyntheticSample.kind
            return Node(remark=f"{identity} {EDITED if written else f'is not here; {ABSENT}'}")
        again = identity in seen
        seen.add(identity)
        return Node(found, again=again)

    def _made_of(self, found: Found) -> list[str]:
        if found.kind == Exchange.kind:
            return self._catalog.users(found.row["reply"]["request_key"])
        return self._catalog.children(found.id)

    def _compared(self, found: Found) -> Sequence[Consequence]:
        """Of an exchange that no record names: why, or the questions that it was asked about."""
        if found.kind != Exchange.kind or self._made_of(found):
            return []
        request = found.row["request"]
        if again := self._catalog.asked_again(request):
            return [(AGAIN, again)]
        about = self._catalog.asked_about(request)
        return [(COMPARED, about)] if about else []

    def _each(
        self, ids: Sequence[str], grow: Callable[[str, set[str]], Node], seen: set[str]
    ) -> Iterator[Node]:
        """The nodes of `ids`, of each kind no more than `number` and then how many there are."""
        for kind in dict.fromkeys(map(kind_of, ids)):
            mine = [one for one in ids if kind_of(one) == kind]
            for one in mine[: self._number]:
                yield grow(one, seen)
            left = len(mine) - self._number
            if left > 0:
                yield Node(remark=f"... and {left:,} more {kind} records (see --number)")
