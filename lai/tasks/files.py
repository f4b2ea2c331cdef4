"""Rows of local files: JSON Lines, JSON, CSV and Parquet."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lai.core import jsonl
from lai.core.errors import PipelineError

Found = Iterator[tuple[str, dict[str, Any]]]


def paths(patterns: list[str]) -> list[Path]:
    """The files that the patterns match. Raises: PipelineError for none, or an unknown form."""
    found: list[Path] = []
    for pattern in patterns:
        anchor = Path(Path(pattern).anchor)
        try:
            matches = sorted(anchor.glob(str(Path(pattern).relative_to(anchor))))
        except (ValueError, IndexError) as error:
            raise PipelineError(f"files: {pattern!r} is no pattern: {error}") from None
        matches = [path for path in matches if path.is_file()]
        if not matches:
            raise PipelineError(f"no file matches {pattern}; check the task's files in params.yaml")
        found += matches
    for path in found:
        if path.suffix not in READERS:
            raise PipelineError(
                f"{path} is none of {', '.join(READERS)}; convert it to one of them"
            )
    return found


def rows(path: Path) -> Found:
    """Yield (place, row) of a file, one at a time.

    Raises: PipelineError where it is malformed, and when it holds no row.
    """
    empty = True
    try:
        for where, row in READERS[path.suffix](path):
            empty = False
            yield where, jsonl.mended(row)
    except UnicodeDecodeError:
        raise PipelineError(f"{_undecodable(path)}; save the file as UTF-8") from None
    except RecursionError:
        raise PipelineError(f"{path} is nested too deeply; a row is a flat object") from None
    except OSError as error:
        what = error.strerror or " ".join(str(error).split())
        raise PipelineError(
            f"{path} cannot be read: {what}; check the file and its permissions"
        ) from None
    if empty:
        raise PipelineError(
            f"{path} is empty: it holds no row; fill it, or drop it from the task's files"
        )


def _undecodable(path: Path) -> str:
    """The first line that is not UTF-8: a decoder that reads ahead knows none."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return f"{path}:{number} is not UTF-8 (byte {error.start + 1} of the line)"
    return f"{path} is not UTF-8"


def _lines(path: Path) -> Found:
    for number, row in jsonl.rows(path):
        yield f"{path}:{number}", row


def _document(path: Path) -> Found:
    """A list of objects, or an object with such a list in one of its fields."""
    try:
        value = json.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise
    except ValueError as error:
        raise PipelineError(
            f"{path} is not valid JSON: {error}; mend it there (a file with an object a line is "
            "to end in .jsonl)"
        ) from None
    if isinstance(value, dict):
        lists = [one for one in value.values() if isinstance(one, list)]
        if len(lists) != 1:
            raise PipelineError(
                f"{path} holds an object with {len(lists)} lists; a list of rows was expected, "
                "or an object with one list of rows"
            )
        value = lists[0]
    if not isinstance(value, list):
        raise PipelineError(f"{path} holds {type(value).__name__}, a list of rows was expected")
    for number, row in enumerate(value, 1):
        if not isinstance(row, dict):
            raise PipelineError(f"{path} row {number} holds {type(row).__name__}, not an object")
        yield f"{path} row {number}", row


def _csv(path: Path) -> Found:
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        try:
            names = list(reader.fieldnames or [])
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise PipelineError(f"{path}:1 has two columns {twice!r}; rename one of them")
            for row in reader:
                where = f"{path}:{reader.line_num}"
                if None in row or None in row.values():
                    raise PipelineError(
                        f"{where} has another number of columns than the first line; "
                        "quote fields that hold commas"
                    )
                yield where, row
        except csv.Error as error:
            raise PipelineError(
                f"{path}:{reader.line_num} is not valid CSV: {error}; mend it there"
            ) from None


def _parquet(path: Path) -> Found:
    import pyarrow.parquet

    number = 0
    try:
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches(1024):
            for row in batch.to_pylist():
                number += 1
                yield f"{path} row {number}", row
    except (pyarrow.ArrowException, OSError) as error:
        what = " ".join(str(error).split())
        raise PipelineError(
            f"{path} is no valid Parquet file (after row {number}): {what}; write or download it "
            "again"
        ) from None


READERS: dict[str, Callable[[Path], Found]] = {
    ".jsonl": _lines,
    ".json": _document,
    ".csv": _csv,
    ".parquet": _parquet,
}
