"""Rows that do not fit the model end a smoke run in one sentence."""

import json
from pathlib import Path

import pytest

from lai.core.errors import PipelineError
from lai.core.params import load
from lai.core.records import TrainRow
from lai.smoke.rows import check
from tests.support import tiny_model
from tests.support.closure import ROOT

ROWS = [
    TrainRow(
        task="t",
        iteration="iter1",
        prompt=[{"role": "user", "content": f"What is 1 + {number}?"}],
        completion=[{"role": "assistant", "content": f"It is {number + 1}."}],
    )
    for number in range(3)
]


def checked(tmp_path: Path, template: str = tiny_model.TEMPLATE, ends: bool = True):
    base = tiny_model.save(tmp_path / "base", template)
    if not ends:
        for name in ("tokenizer_config.json", "generation_config.json", "config.json"):
            path = base / name
            kept = json.loads(path.read_text())
            for key in ("eos_token", "eos_token_id"):
                kept.pop(key, None)
            path.write_text(json.dumps(kept))
    folder = tiny_model.describe(base, tmp_path / "models" / "iter0")
    return check(load(ROOT / "params.yaml"), folder, ROWS)


def test_rows_that_fit_are_counted(tmp_path):
    found = checked(tmp_path)
    assert found.count == 3 and 20 < found.longest < 80


def test_a_template_that_asks_otherwise_than_it_teaches_is_named(tmp_path):
    with pytest.raises(PipelineError, match=r"chat template of .* before an answer"):
        checked(tmp_path, tiny_model.BAD_TEMPLATE)


def test_a_model_without_an_end_of_sequence_token_is_named(tmp_path):
    with pytest.raises(PipelineError, match="names no end-of-sequence token"):
        checked(tmp_path, ends=False)
