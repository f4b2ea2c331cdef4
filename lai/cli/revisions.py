"""Records as they were at a git revision or in a DVC experiment."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.record import Record

R = TypeVar("R", bound=Record)


def read(path: str, revision: str) -> str:
    """The text of a tracked file. Raises: PipelineError when it cannot be had."""
    import dvc.api

    try:
        text: str = dvc.api.read(path, rev=revision)
    except Exception as error:  # DVC raises what its storage, git or parser do
        said = " ".join(str(error).split())[:200]
        raise PipelineError(
            f"{path} of {revision} cannot be read ({said}); is {revision} a commit or an "
            "experiment (`dvc exp list`), and are its records in the cache (`dvc fetch`)?"
        ) from None
    return text


def read_json(path: str, revision: str) -> Any:
    """A JSON document. Raises: PipelineError as `read`."""
    return json.loads(read(path, revision))


def records(kind: type[R], path: str, revision: str) -> list[R]:
    """A file of records. Raises: PipelineError as `read`, and for a line that is not one."""
    return [
        jsonl.parse(kind, json.loads(line), f"{revision}:{path}:{number}")
        for number, line in enumerate(read(path, revision).split("\n"), 1)
        if line.strip()
    ]
