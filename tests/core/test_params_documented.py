"""docs/PARAMS.md names every key that params.yaml may have."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator

from lai.core.params.schema import Params
from lai.core.params.section import Section
from tests.support.closure import ROOT

ALIKE = {
    "judge": "instructor",
    "runtime.judge": "runtime.instructor",
    "runtime.target": "runtime.instructor",
}
"""Sections that are as another one, and the one whose rows tell of both."""


def sections(annotation: object) -> list[type[Section]]:
    """The models in an annotation, `X | None` and `dict[str, X]` among them."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return [annotation]
    return [one for inner in typing.get_args(annotation) for one in sections(inner)]


def keys(model: type[Section], path: str = "") -> Iterator[str]:
    """Every key below a model, with its path; of `tasks`, docs/TASKS.md tells."""
    for name, field in model.model_fields.items():
        below = sections(field.annotation)
        if name == "tasks":
            continue
        if not below:
            yield path + name
        for one in below:
            yield from keys(one, f"{path}{name}.")


def rows() -> list[tuple[set[str], str]]:
    """Of each row of a table the paths that its first cell names, and the whole row."""
    text, section = (ROOT / "docs/PARAMS.md").read_text(), ""
    found = []
    for line in text.splitlines():
        if line.startswith("## "):
            section = "synthesize.checks." if line == "## Checks" else ""
        if not line.startswith("| `"):
            continue
        first, *others = re.findall(r"`([^`]+)`", line.split(" | ")[0])
        path = section + first
        found.append(({path} | {path.rpartition(".")[0] + f".{one}" for one in others}, line))
    return found


def named(key: str) -> bool:
    """Whether a row is of the key, or is of its section and names the key in its text."""
    section, _, leaf = key.rpartition(".")
    return any(
        key in paths or (section in paths and re.search(rf"\b{leaf}\b", row))
        for paths, row in rows()
    )


def alike(key: str) -> str:
    """The same key of the section whose rows tell of both."""
    for section, other in ALIKE.items():
        if key.startswith(f"{section}."):
            return other + key.removeprefix(section)
    return key


def test_every_key_of_the_schema_is_named():
    assert [key for key in keys(Params) if not named(key) and not named(alike(key))] == []
