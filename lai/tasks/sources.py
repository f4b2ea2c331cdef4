"""Rows from where users keep them: the Hub, local files, or the built-in demo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lai.core.errors import PipelineError
from lai.core.params.tasks import Source
from lai.core.records import Split
from lai.tasks import files, hub

Row = tuple[str, dict[str, Any], str]
"""Where a row stands (`file:line`), for error messages; the row; its file or configuration."""
ORIGIN = "@origin"
"""The column under which a field mapping finds the file or configuration of a row."""


def rows(source: Source, split: Split, seed: int, size: int | None) -> Iterator[Row]:
    """Yield the rows of a source, one at a time. Only the demo's depend on split, seed and size.

    Raises: PipelineError when the source is absent, malformed or cannot be reached.
    """
    if source.builtin:
        yield from _demo(source.builtin, split, seed, size)
    elif source.files:
        for path in files.paths(source.patterns):
            for where, row in files.rows(path):
                yield where, row, path.stem
    else:
        configs = source.config if isinstance(source.config, list) else [source.config]
        for config in configs:
            yield from hub.rows(source, config)


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
        yield f"built-in {name} row {number}", row, name
