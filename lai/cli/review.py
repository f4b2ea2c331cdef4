"""`lai review`: a person's word on suspects and samples, which the next run obeys."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from lai import reviews
from lai.core.errors import PipelineError
from lai.core.reviewing import Edit, read
from lai.core.stage import held_out
from lai.core.text import counted, printable
from lai.overlap import HeldOut, Text
from lai.reviews import Item
from lai.verification.candidates import HELD_OUT

KINDS = {"suspects": "suspect", "rejected": "rejected", "accepted": "accepted"}
SHOWN = 3
"""Ids that a message names."""
HELP = """\
Walks through suspects, rejected and accepted samples, asks about each, and keeps what you say in
data/reviews/, a file an iteration, to be committed. `dvc repro` obeys it: what you accept is taught
whatever the checks say, unless it copies a dev or test item: holds its question or tests, or 13
words in a row of it.
Answers are read a line each: the first letter of a word is enough, and `ID WORD` is about another
item than the one shown, so that decisions can be piped in.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("review", help="accept, reject or edit samples", description=HELP)
    parser.add_argument("iteration", help="such as iter1")
    parser.add_argument("--list", action="store_true", help="print what there is, a line each")
    parser.add_argument("--only", choices=list(KINDS), help="one kind alone")
    parser.add_argument("--again", action="store_true", help="also what is decided already")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print the list, or ask about each item."""
    iteration = arguments.iteration
    found = reviews.items(Path("data"), iteration)
    lost = _lost(iteration, found)
    if arguments.only:
        found = [item for item in found if item.kind == KINDS[arguments.only]]
    said = {one.sample: one.word for one in read(iteration)}
    if arguments.list:
        for item in found:
            word = next((said[one] for one in item.ids if one in said), "-")
            reason = " ".join(printable(item.reason).split())
            print(f"{item.id}  {item.kind:8}  {word:6}  {printable(item.title)}  {reason}".rstrip())
        return
    if lost:
        print(
            f"{counted(len(lost), 'decision')} of data/reviews found no sample in this run, which "
            f"wrote others, or has one edited since: {_some(lost)}"
        )
    waiting = found if arguments.again else [one for one in found if not said.keys() & one.ids]
    told = _Walk(iteration, found).through(waiting)
    kept = ", ".join(f"{count} {word}" for word, count in told.items())
    if kept:
        print(f"\nrecorded: {kept}; commit data/reviews, and `dvc repro` obeys it")
    elif waiting:
        print(f"\nrecorded: nothing; still open: {_named(waiting, iteration)}")
    elif not found:
        only = f" (--only {arguments.only})" if arguments.only else ""
        print(f"nothing to decide in {iteration}{only}")
    else:
        print(f"\nrecorded: nothing; all {len(found)} are decided (--again asks once more)")


class _Walk:
    """Asks about one item after the other; each answer is kept before the next is asked for."""

    def __init__(self, iteration: str, items: Sequence[Item]) -> None:
        self._iteration = iteration
        self._items = items
        self._known = {item.id: item for item in items}
        self._recorded: Counter[str] = Counter()

    def through(self, waiting: Sequence[Item]) -> Counter[str]:
        """Ask about all of `waiting`, or until the answers end; what was recorded, by word."""
        for number, item in enumerate(waiting, 1):
            print(f"\n[{number}/{len(waiting)}] {item.kind} {item.id}\n{_shown(item)}")
            while (answered := self._answer(item)) == "again":
                pass
            if answered == "quit":
                break
        return self._recorded

    def _answer(self, item: Item) -> str:
        """`next`, `again` or `quit`, after reading a line about `item` or another one."""
        print(f"{' / '.join((*item.words, 'skip', 'quit'))}? ", end="", flush=True)
        line = sys.stdin.readline()
        said = line.split()
        if not line or (len(said) == 1 and "quit".startswith(said[0])):
            return "quit"
        if len(said) == 1 and "skip".startswith(said[0]):
            return "next"
        other = self._known.get(said[0]) if len(said) == 2 else None
        about = other or item
        if len(said) == 2 and "_" in said[0] and not other:
            print(f"no item {said[0]!r:.60} among {_named(self._items, self._iteration)}")
            return "again"
        word = next((one for one in about.words if said and one.startswith(said[-1])), None)
        if word is None or len(said) > 1 + bool(other):
            print(f"say one of: {', '.join((*about.words, 'skip', 'quit'))}; or ID WORD")
            return "again"
        try:
            edit = _edited(about) if word == "edit" else None
        except PipelineError as error:
            print(f"{error}; nothing is recorded")
            return "again"
        reviews.record(self._iteration, about, word, edit)
        self._recorded[word] += 1
        if word == "accept" and (why := self._copied(about)):
            print(f"recorded, but it will not be taught: {printable(why)}")
        return "next" if about is item else "again"

    @cached_property
    def _held_out(self) -> HeldOut:
        return HeldOut(held_out())

    def _copied(self, item: Item) -> str:
        """Why nobody can have the item taught; "" where a person's word is enough."""
        if item.sample is None or not item.reason.startswith(HELD_OUT):
            return ""
        return self._held_out.copied(Text.of(item.sample, item.sample.solution))


def _lost(iteration: str, items: Sequence[Item]) -> list[str]:
    """Synthetic samples that were decided on and are not here; of a suspect nothing has to be."""
    here = {one for item in items for one in item.ids}
    decided = (one.sample for one in read(iteration))
    return [one for one in decided if one.startswith("synthetic_") and one not in here]


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:SHOWN]) + (", ..." if len(ids) > SHOWN else "")


def _named(items: Sequence[Item], iteration: str) -> str:
    """How many items, which first, and where all of them are."""
    named = _some([item.id for item in items])
    return f"{counted(len(items), 'item')} ({named}; `lai review {iteration} --list` has all)"


def _edited(item: Item) -> Edit:
    """What the user's editor makes of a sample. Raises: PipelineError when it cannot be used."""
    assert item.sample
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    if not editor and not sys.stdin.isatty():
        raise PipelineError("there is no terminal for an editor; set EDITOR to one that needs none")
    editor = editor or "vi"
    with tempfile.NamedTemporaryFile("w+", suffix=".yaml", encoding="utf-8") as file:
        file.write(reviews.written(item.sample))
        file.flush()
        try:
            ended = subprocess.run([*shlex.split(editor), file.name]).returncode
        except OSError as error:
            raise PipelineError(
                f"{editor} cannot be started: {error.strerror}; set EDITOR"
            ) from None
        if ended:
            raise PipelineError(f"{editor} ended with {ended}")
        # An editor may have put another file in its place.
        return reviews.edited(Path(file.name).read_text(encoding="utf-8"), item.sample)


def _shown(item: Item) -> str:
    width = max(len(label) for label, _ in item.parts)
    lines = []
    for label, text in item.parts:
        first, *rest = printable(text).split("\n")
        lines.append(f"  {label.rjust(width)}  {first}")
        lines += [f"  {'':{width}}  {line}" for line in rest]
    return "\n".join(lines)
