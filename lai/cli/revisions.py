"""Records as they were at a git revision or in a DVC experiment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.record import Record

R = TypeVar("R", bound=Record)


class Revision:
    """The tracked files of a commit, branch or experiment, by git, DVC's cache or its remote.

    It holds what was meant when it was first read: a name that moves on wants another one.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def _files(self) -> Any:
        # One for all files: reading dvc.yaml and dvc.lock takes longer than any of them.
        from dvc.api import DVCFileSystem
        from dvc.config import Config

        # The remotes of today: the revision's own config may be older than they are.
        today = Config.from_cwd()
        config = {key: today[key] for key in ("core", "remote") if key in today}
        return DVCFileSystem(rev=self.name, config=config)

    def paths(self, pattern: str) -> list[str]:
        """The outputs that a glob pattern finds, sorted; those of stages that have not run are not.

        Raises: PipelineError as `text`.
        """
        with self._read(pattern):
            found = self._files.glob(pattern, detail=True)
            return sorted(path for path, one in found.items() if one.get("dvc_info", {}).get("md5"))

    def text(self, path: str) -> str:
        """The text of a tracked file. Raises: PipelineError when it cannot be had."""
        with self._read(path), self._files.open(path, "rb") as file:
            return str(file.read(), "utf-8")

    @contextmanager
    def _read(self, path: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # DVC raises what its storage, git or parser do
            said = " ".join(str(error).split())[:200]
            raise PipelineError(
                f"{path} of {self.name} cannot be read ({said}); is {self.name} a commit or an "
                "experiment (`dvc exp list`), and are its records in the cache (`dvc fetch`)?"
            ) from None

    def json(self, path: str) -> Any:
        """A JSON document. Raises: PipelineError as `text`."""
        return json.loads(self.text(path))

    def lines(self, path: str) -> Iterator[tuple[int, Any]]:
        """What stands in a JSONL file, with the number of the line. Raises: as `text`."""
        for number, line in enumerate(self.text(path).split("\n"), 1):
            if line.strip():
                yield number, json.loads(line)

    def records(self, kind: type[R], path: str) -> list[R]:
        """A file of records. Raises: PipelineError as `text`, and for a line that is not one."""
        return [
            jsonl.parse(kind, row, f"{self.name}:{path}:{number}")
            for number, row in self.lines(path)
        ]
