"""`lai trace`: from any record back to the question behind it, and on to what came of it."""

from __future__ import annotations

import argparse
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from lai.core import params
from lai.core.errors import PipelineError
from lai.core.text import printable
from lai.lineage import words
from lai.lineage.catalog import ABSENT, Catalog, kind_of
from lai.lineage.changes import Changes
from lai.lineage.tree import Node, Trees
from lai.tasks import kept

DATA = Path("data")
METRICS = Path("metrics/iterations")
NUMBER = 5
PIPED = (100, 24)
"""Columns and lines where there is no terminal to ask."""
HELP = """\
Prints what a record came from, back to the question behind it, and what came of it; or, with
--flips, the items that an iteration fixed or broke, and what was taught nearest to them.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "trace", help="a record's whole story, back and forth", description=HELP
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("id", nargs="?", help="a record's id, or its beginning: error_3f")
    what.add_argument(
        "--flips", metavar="ITERATION", help="dev and test items that it fixed or broke"
    )
    parser.add_argument(
        "--number", type=int, default=NUMBER, metavar="N",
        help=f"records of a kind below one, flips each way (default: {NUMBER})",
    )  # fmt: skip
    parser.add_argument("--full", action="store_true", help="whole records, not a line of each")
    parser.add_argument(
        "--raw", action="store_true", help="also what the instructor was asked and replied"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print the trees of a record, or the flips of an iteration.

    Raises: PipelineError for an id that no record here has, and where the records are not here.
    """
    if arguments.number < 1:
        raise PipelineError("--number takes how many to print, 1 or more")
    if arguments.raw and arguments.flips is not None:
        raise PipelineError("--raw goes with an id: `lai trace --flips` lists those to ask for")
    catalog = Catalog(DATA)
    changes = Changes(DATA, METRICS, params.load().iterations, kept.read())
    trees = Trees(catalog, arguments.number, changes.consequences)
    show = _Printer(arguments.full)
    if arguments.flips is not None:
        _flips(changes, trees, arguments.flips, arguments.number, show)
        return
    identity = catalog.find(arguments.id)
    behind, ahead = trees.behind(identity), trees.ahead(identity)
    show(Node(behind.found))
    origin = "it is a question of the data" if kind_of(identity) == "sample" else "nothing"
    for title, tree, none in (
        ("What it came from", behind, origin),
        ("What came of it", ahead, "nothing"),
    ):
        print()
        show(Node(remark=title if tree.below else f"{title}: {none}", below=tree.below))
    if arguments.raw:
        _raw(catalog, [*behind.walk(), *ahead.walk()])


def _flips(changes: Changes, trees: Trees, iteration: str, number: int, show: _Printer) -> None:
    found = changes.flips(iteration)
    count = Counter(flip.fixed for flip in found)
    print(
        f"{changes.named(iteration)} against {changes.origin(iteration)}, dev and test items: "
        f"{count[True]:,} fixed, {count[False]:,} broken"
    )
    for fixed in (False, True):
        shown = [flip for flip in found if flip.fixed is fixed][:number]
        near = changes.nearest([flip.sample for flip in shown], iteration)
        for flip, rows in zip(shown, near, strict=True):
            print()
            show(trees.of_flip(flip, rows))
        if count[fixed] > len(shown):
            left = f"{count[fixed] - len(shown):,} more {'fixed' if fixed else 'broken'}"
            print(f"\n... and {left} (see --number)")


def _raw(catalog: Catalog, nodes: Iterable[Node]) -> None:
    """The exchanges that the records in the trees were made of, in the order of the trees."""
    users: dict[str, dict[str, None]] = {}
    for found in (node.found for node in nodes if node.found):
        for key in words.keys(found.row):
            users.setdefault(key, {})[found.id] = None
    for key, ids in users.items():
        exchange = catalog.exchange(key)
        print(f"\n{'-' * 8} {', '.join(ids)}")
        print(words.told(exchange) if exchange else f"request {key} is in no transcript; {ABSENT}")


class _Printer:
    """Prints trees, a line of each record that is cut to the terminal, or with `full` all of it."""

    def __init__(self, full: bool) -> None:
        self._full = full
        self._console = Console(width=shutil.get_terminal_size(PIPED).columns, highlight=False)

    def __call__(self, node: Node) -> None:
        tree = self._tree(node, Tree(self._label(node)))
        self._console.print(tree, soft_wrap=False)

    def _tree(self, node: Node, tree: Tree) -> Tree:
        for below in node.below:
            self._tree(below, tree.add(self._label(below)))
        return tree

    def _label(self, node: Node) -> RenderableType:
        if node.found is None:
            return Text(printable(node.remark), overflow="fold")
        head = Text(node.found.id, style="bold")
        if node.again:
            return head.append("  as above", style="not bold")
        if not self._full:
            head.append(f"  {words.line(node.found)}", style="not bold")
            head.no_wrap, head.overflow = True, "ellipsis"
            return head
        head.append(f"  {node.found.iteration}", style="not bold")
        fields = [Text(f"{name}: {text}", overflow="fold") for name, text in words.body(node.found)]
        return Group(head, *fields)
