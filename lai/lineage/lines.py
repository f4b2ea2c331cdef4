"""Lines of files that are not read whole."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lai.core.errors import PipelineError
from lai.core.jsonl import rows


def parsed(line: bytes, path: Path) -> Any:
    """The JSON of a line of `path`. Raises: PipelineError naming the line, if it is none."""
    try:
        return json.loads(line)
    except ValueError:
        for _ in rows(path):
            pass  # until the line that is none
        raise PipelineError(f"{path} has changed just now; run again") from None


def line_at(text: mmap.mmap | bytes, at: int) -> bytes:
    """The line around a place in a file."""
    return text[text.rfind(b"\n", 0, at) + 1 : end_of(text, at)]


def end_of(text: mmap.mmap | bytes, at: int) -> int:
    end = text.find(b"\n", at)
    return end if end >= 0 else len(text)


@contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap | bytes]:
    """A file's bytes, which are not read before they are looked at."""
    with path.open("rb") as file:
        if not path.stat().st_size:  # cannot be mapped
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            yield text
