"""Exact, atomic JSON Lines: sorted by id, written beside and renamed, split on `\\n` alone."""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from pydantic import ValidationError

from lai.core.errors import PipelineError
from lai.core.record import Record

R = TypeVar("R", bound=Record)


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EFBIG)


@contextlib.contextmanager
def replacing(path: str | Path, follow: bool = False) -> Iterator[BinaryIO]:
    """A binary file that takes the place of `path` when the block ends, or leaves it untouched.

    `follow`: where `path` is a link, the file that it names is replaced, and not the link. Stages
    replace links: those that DVC makes lead into its cache.

    Raises: PipelineError when the disk is full, the folder cannot be written, or `path` is
    something else than a file.
    """
    path = Path(path)
    try:
        path = _target(path, follow)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise PipelineError(
            f"cannot write {path}: {error.strerror}; name a file in a folder that can be written"
        ) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        os.replace(temporary, path)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise PipelineError(
            f"cannot write {path}: {error.strerror}; nothing was half-written, "
            "free some space or mend the permissions and run again"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _target(path: Path, follow: bool) -> Path:
    """The file to replace. A folder or a device in its place stays what it is."""
    if path.exists() and not path.is_file():
        what = "a folder" if path.is_dir() else "no regular file"
        raise PipelineError(f"cannot write {path}: it is {what}; name a file")
    return Path(os.path.realpath(path)) if follow and path.is_symlink() else path


def dumps(value: Any) -> bytes:
    """One JSON line in UTF-8, keys in the given order; lone surrogates stay escaped."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False).encode() + b"\n"


def write(path: str | Path, records: Iterable[Record]) -> int:
    """Write `records` sorted by id, each once, and return how many were written.

    No record at all is written as one empty line: DVC warns of files without any byte.
    """
    unique = {record.id: record for record in records}
    with replacing(path) as file:
        if not unique:
            file.write(b"\n")
        for identity in sorted(unique):
            file.write(dumps(unique[identity].model_dump(mode="json")))
    return len(unique)


def write_json(path: str | Path, value: Any) -> None:
    """Write one indented JSON document with sorted keys, atomically; what is no number is null."""
    text = json.dumps(_finite(value), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    with replacing(path) as file:
        file.write(text.encode() + b"\n")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_json(path: str | Path) -> Any:
    """Read one JSON document. Raises: PipelineError when it is absent or malformed."""
    try:
        return json.loads(Path(path).read_bytes())
    except FileNotFoundError:
        raise PipelineError(
            f"{path} does not exist; run `dvc repro` (or `dvc pull`) first"
        ) from None
    except ValueError as error:
        raise PipelineError(f"{path} is not valid JSON: {error}") from None


PATH_HINT = "check the path in params.yaml"


def rows(path: str | Path, hint: str = "") -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number from 1, object) of a JSONL file. `hint`: what to do where it is absent.

    Raises: PipelineError naming file and line for anything that is not a JSON object in UTF-8.
    """
    made = any(part.startswith("iter") or part == "splits" for part in Path(path).parts)
    hint = hint or ("run `dvc repro` (or `dvc pull`) first" if made else PATH_HINT)
    try:
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _object(line, f"{path}:{number}")
    except FileNotFoundError:
        raise PipelineError(f"{path} does not exist; {hint}") from None
    except IsADirectoryError:
        raise PipelineError(f"{path} is a folder, a JSONL file was expected") from None
    except OSError as error:
        raise PipelineError(f"cannot read {path}: {error.strerror}; {hint}") from None


def _object(line: bytes, where: str) -> dict[str, Any]:
    try:
        # Some editors begin a file with a byte order mark.
        value = json.loads(line.decode("utf-8-sig").rstrip())
    except UnicodeDecodeError as error:
        raise PipelineError(
            f"{where} is not UTF-8 (byte {error.start + 1} of the line); save the file as UTF-8"
        ) from None
    except json.JSONDecodeError as error:
        raise PipelineError(
            f"{where} is not valid JSON: {error.msg} (column {error.colno}); mend the line"
        ) from None
    except ValueError as error:
        raise PipelineError(f"{where} is not valid JSON: {error}; mend the line") from None
    except RecursionError:
        raise PipelineError(f"{where} is nested too deeply") from None
    if not isinstance(value, dict):
        raise PipelineError(f"{where} holds {type(value).__name__}, an object was expected")
    return value


def mended(value: Any) -> Any:
    """`value` with each lone surrogate, which no encoding can hold, as a replacement character.

    For what comes from outside. Records of our own keep what they hold: their ids depend on it.
    """
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [mended(one) for one in value]
    if isinstance(value, dict):
        return {mended(key): mended(one) for key, one in value.items()}
    return value


def read(record: type[R], path: str | Path) -> list[R]:
    """Read a file of records. Raises: PipelineError naming the line that is not one."""
    return [parse(record, value, f"{path}:{number}") for number, value in rows(path)]


def parse(record: type[R], value: dict[str, Any], where: str) -> R:
    """Validate one object as `record`; `where` stands in the message when it is not one."""
    try:
        return record.model_validate(value)
    except ValidationError as error:
        raise PipelineError(f"{where} is no {record.kind}: {first_problem(error)}") from None


def first_problem(error: ValidationError) -> str:
    """The first of pydantic's complaints as `field.path: message`."""
    problem = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in problem["loc"])
    return f"{path}: {problem['msg']}" if path else str(problem["msg"])


def index(records: Iterable[R], key: Callable[[R], str] = lambda record: record.id) -> dict[str, R]:
    """Records by id, or by another key."""
    return {key(record): record for record in records}
