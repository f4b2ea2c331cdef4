"""Which files of this repository a module imports, directly or not, lazily or not."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _file(module: str) -> Path | None:
    path = ROOT / Path(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def _imports(path: Path) -> frozenset[Path]:
    found: set[Path] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.split(".")[0] not in ("lai", "stages"):
                continue
            parts = name.split(".")
            # Importing a.b.c runs the __init__ of a and of a.b as well.
            for end in range(1, len(parts) + 1):
                file = _file(".".join(parts[:end]))
                if file:
                    found.add(file)
    return frozenset(found)


def closure(module: str) -> list[str]:
    """Paths from the root, sorted; empty `__init__.py` files say nothing and are left out."""
    start = _file(module)
    assert start is not None, module
    seen: set[Path] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += _imports(path)
    return sorted(str(path.relative_to(ROOT)) for path in seen if path.stat().st_size > 0)
