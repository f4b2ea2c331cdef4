"""A tiny model and one training of it, shared by the tests of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support import tiny_model
from tests.support.teaching import ROWS, train


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model.save(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def models(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny_model.describe(base, folder / "iter0")
    return folder


@pytest.fixture(scope="module")
def trained(models: Path) -> dict[str, Any]:
    """`models/iter1`, trained; its metrics."""
    return train(models, "iter1", ROWS[:18], replay=ROWS[18:])
