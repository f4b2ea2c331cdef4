"""Rows from where users keep them: the Hub, local JSONL or Parquet files, or the built-in demo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.params.schema import Source
from lai.core.records import Split

Row = tuple[str, dict[str, Any]]
"""Where a row stands (`file:line`), for error messages, and the row itself."""


def rows(source: Source, split: Split, seed: int, size: int | None) -> Iterator[Row]:
    """Yield the rows of a source. `split`, `seed` and `size` matter to the built-in demo alone.

    Raises: PipelineError when the source is absent, malformed or cannot be reached.
    """
    if source.builtin:
        yield from _demo(source.builtin, split, seed, size)
    elif source.files:
        patterns = [source.files] if isinstance(source.files, str) else source.files
        for path in _paths(patterns):
            yield from _parquet(path) if path.suffix == ".parquet" else _lines(path)
    else:
        yield from _hub(source)


def _paths(patterns: list[str]) -> list[Path]:
    paths: list[Path] = []
    for pattern in patterns:
        anchor = Path(Path(pattern).anchor)
        found = sorted(anchor.glob(str(Path(pattern).relative_to(anchor))))
        if not found:
            raise PipelineError(f"no file matches {pattern}; check the task's files in params.yaml")
        paths += found
    for path in paths:
        if path.suffix not in (".jsonl", ".parquet"):
            raise PipelineError(f"{path} is neither .jsonl nor .parquet; convert it to one of them")
    return paths


def _lines(path: Path) -> Iterator[Row]:
    for number, row in jsonl.rows(path):
        yield f"{path}:{number}", row


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow.parquet

    number = 0
    try:
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches():
            for row in batch.to_pylist():
                number += 1
                yield f"{path} row {number}", row
    except pyarrow.ArrowInvalid as error:
        raise PipelineError(f"{path} is no valid Parquet file: {error}") from None


def _hub(source: Source) -> Iterator[Row]:
    import datasets
    from datasets.exceptions import DatasetNotFoundError

    datasets.disable_progress_bars()
    name = f"{source.hub} ({source.config or 'default'}, {source.split})"
    try:
        table = datasets.load_dataset(
            source.hub, source.config, split=source.split, revision=source.revision
        )
    except (OSError, ValueError, DatasetNotFoundError) as error:
        reason = str(error).strip().split("\n")[0]
        raise PipelineError(
            f"cannot load {name} from the Hugging Face Hub: {reason}; check the name and the "
            "network, or download it and name local JSONL or Parquet `files` instead of `hub`"
        ) from None
    for number, row in enumerate(table, 1):
        yield f"{name} row {number}", dict(row)


def _demo(name: str, split: Split, seed: int, size: int | None) -> Iterator[Row]:
    from lai.demo import lexicon, world
    from lai.demo.tutor import asserts

    family, _, form = name.partition("_")
    if family not in lexicon.FAMILIES or form not in ("", "ood"):
        known = [family + form for family in lexicon.FAMILIES for form in ("", "_ood")]
        raise PipelineError(f"no built-in task {name}; known here: {', '.join(known)}")
    items = world.draw(family, split, ood=form == "ood", n=size or 1000, seed=seed)
    for number, item in enumerate(items, 1):
        row: dict[str, Any] = {
            "input": item.question,
            "choices": item.choices,
            "reference": item.reference,
            "solution": item.solution,
            "metadata": {"skill": item.skill},
        }
        if item.tests:
            row["tests"] = asserts(item)
        yield f"built-in {name} row {number}", row
