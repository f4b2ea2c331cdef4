"""Where every record is and what points at it, found without reading what stands in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from lai.asking import UNUSABLE
from lai.core.errors import PipelineError
from lai.core.iterations import BASE
from lai.core.jsonl import parse, rows
from lai.engines.base import Exchange
from lai.lineage.lines import end_of, line_at, mapped, parsed

HEAD = re.compile(rb'\{"id": "([a-z_]+_[0-9a-f]{16})", "parents": \[([^\]]*)\]')
"""How a record begins, on a line or within another record; never within a text, whose quotes are
escaped."""
TRANSCRIPTS = "transcripts/*.jsonl"
JUDGED = ("verdicts.jsonl", "rejected.jsonl")
ABSENT = "`dvc repro` makes the records, or `dvc pull` brings them where a remote is set"
SHOWN = 3
"""Ids that a message names."""
ALIKE = 3
"""Digits that an id has in common with one that may have been meant."""


@dataclass(frozen=True)
class Found:
    """A record as it stands in `path`; `iteration` is the folder, empty for the splits."""

    id: str
    path: Path
    iteration: str
    row: dict[str, Any]

    @property
    def kind(self) -> str:
        """Such as `completion`."""
        return kind_of(self.id)

    @property
    def parents(self) -> list[str]:
        """Ids of the records that it came from."""
        return [str(one) for one in self.row.get("parents", ())]


class Catalog:
    """The records under `folder` (data/), of which those of transcripts are looked up when needed.

    A record that stands in several files (training data is cumulative) counts as that of the first
    iteration.

    Raises: PipelineError when there is no record at all.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = [
            path
            for place in (folder / "splits", *sorted(folder.glob("iter*"), key=_number))
            for path in sorted(place.glob("*.jsonl"))
        ]
        self._places: dict[str, tuple[int, int]] = {}
        self._children: dict[str, list[str]] = {}
        for number in range(len(self._files)):
            self._note(number)
        if not self._places:
            raise PipelineError(f"there are no records in {folder}/; {ABSENT}")

    def find(self, given: str) -> str:
        """The id that `given` is, or begins. Raises: PipelineError with the nearest help."""
        if given in self._places:
            return given
        if given.startswith(Exchange.kind):
            self._note_transcripts()
        found = sorted(one for one in self._places if one.startswith(given))
        if len(found) == 1:
            return found[0]
        if found:
            named = ", ".join(found[:SHOWN]) + (", ..." if len(found) > SHOWN else "")
            raise PipelineError(f"{given} begins {len(found):,} ids: {named}; give more of it")
        raise PipelineError(self._unknown(given))

    def get(self, identity: str) -> Found | None:
        """The record with this id, if it is here."""
        if identity not in self._places:
            return None
        number, start = self._places[identity]
        path = self._files[number]
        with path.open("rb") as file:
            file.seek(start)
            row = _within(parsed(file.readline(), path), identity)
        return Found(identity, path, _iteration(self._folder, path), row)

    def children(self, identity: str) -> list[str]:
        """Ids of the records that name it among their parents, by iteration, kind and id."""
        return sorted(self._children.get(identity, ()), key=self._order)

    def exchange(self, request_key: str) -> Exchange | None:
        """What was asked and replied under this key, if a transcript here has it."""
        for path in self._transcripts():
            with mapped(path) as text:
                at = text.find(f'"request_key": "{request_key}"'.encode())
                if at >= 0:
                    return parse(Exchange, parsed(line_at(text, at), path), str(path))
        return None

    def users(self, request_key: str) -> list[str]:
        """Ids of the records that were made of the reply under this key."""
        sought = f'"request_key": "{request_key}"'.encode()
        found: dict[str, None] = {}
        for path in set(self._files) - set(self._transcripts()):
            with mapped(path) as text:
                at = text.find(sought)
                while at >= 0:
                    start = text.rfind(b'{"id": "', 0, at)
                    if start >= 0 and (head := HEAD.match(text, start)):
                        found[head[1].decode()] = None
                    at = text.find(sought, at + 1)
        return sorted(found, key=self._order)

    def asked_again(self, request: Mapping[str, Any]) -> list[str]:
        """Ids of the exchanges that asked this once more, since the first reply did not fit."""
        found: dict[str, None] = {}
        for path in self._transcripts():
            for _, row in rows(path):
                turns = row["request"]["messages"]
                first = row["request"] | {"messages": turns[:-2]}
                if _complains(turns[-1]) and first == request:
                    found[row["id"]] = None
        return sorted(found)

    def asked_about(self, request: Mapping[str, Any]) -> list[str]:
        """Ids of the samples and verdicts whose question was asked last; of such the longest."""
        turns = [one for one in request["messages"] if one["role"] == "user"]
        asked = next(one["content"] for one in reversed(turns) if not _complains(one))
        texts: dict[str, str] = {}
        for path in self._files:
            if path.parent.name == "splits" or path.name in JUDGED:
                for _, row in rows(path):
                    texts[row["id"]] = row.get("sample", row)["input"].strip()
        within = {identity: text for identity, text in texts.items() if text and text in asked}
        longest = max(map(len, within.values()), default=0)
        return sorted((one for one in within if len(within[one]) == longest), key=self._order)

    def _note(self, number: int) -> None:
        with mapped(self._files[number]) as text:
            line = end = 0
            for head in HEAD.finditer(text):
                if head.start() >= end:
                    line, end = head.start(), end_of(text, head.start())
                identity = head[1].decode()
                if identity not in self._places:
                    self._places[identity] = number, line
                    for parent in re.findall(r'"(\w+)"', head[2].decode()):
                        self._children.setdefault(parent, []).append(identity)

    def _note_transcripts(self) -> None:
        for path in self._transcripts():
            if path not in self._files:
                self._files.append(path)
                self._note(len(self._files) - 1)

    def _transcripts(self) -> list[Path]:
        folders = sorted(self._folder.glob("iter*"), key=_number)
        return [path for folder in folders for path in sorted(folder.glob(TRANSCRIPTS))]

    def _order(self, identity: str) -> tuple[int, str, str]:
        number, _ = self._places[identity]
        name = _iteration(self._folder, self._files[number])
        return _number(Path(name or BASE)), kind_of(identity), identity

    def _unknown(self, given: str) -> str:
        """No record has this id: which kinds there are, or which ids of its kind are nearest."""
        self._note_transcripts()
        kinds = Counter(map(kind_of, self._places))
        kind = kind_of(given) if "_" in given else given
        if kind not in kinds:
            return f"no record {given!r:.60}; an id is a kind and 16 digits, of {', '.join(kinds)}"
        of_kind = (one for one in self._places if kind_of(one) == kind)
        shared = {one: _shared(one, given) for one in of_kind}
        best = max(shared.values())
        near = sorted(one for one, length in shared.items() if length == best)[:SHOWN]
        hint = f"nearest: {', '.join(near)}" if best >= len(kind) + 1 + ALIKE else ABSENT
        return f"{given} is none of the {kinds[kind]:,} {kind} records here; {hint}"


def kind_of(identity: str) -> str:
    """What stands before the digits."""
    return identity.rpartition("_")[0]


def _complains(turn: Mapping[str, str]) -> bool:
    """Whether a turn says that the reply before it cannot be used."""
    return turn["content"].startswith(UNUSABLE)


def _within(value: Any, identity: str) -> dict[str, Any]:
    """The record of this id, which is `value` or stands within it."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if one.get("id") == identity:
                return one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    raise PipelineError(f"{identity} is not where it was a moment ago; run again")


def _iteration(folder: Path, path: Path) -> str:
    name = path.relative_to(folder).parts[0]
    return "" if name == "splits" else name


def _number(folder: Path) -> int:
    """Of iter10 10, so that it comes after iter9."""
    digits = re.search(r"\d+$", folder.name)
    return int(digits[0]) if digits else -1


def _shared(one: str, other: str) -> int:
    """How many characters they begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
