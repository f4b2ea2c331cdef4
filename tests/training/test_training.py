"""A folder of a trained model is whole and reproducible, and its metrics are true."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.engines import target
from lai.smoke.run import FEW
from lai.training import lora, outcome
from tests.support import tiny_model
from tests.support.teaching import (
    ANSWERS,
    PARAMS,
    PROMPTS,
    ROWS,
    answers,
    contents,
    row,
    train,
)


def test_the_metrics_count_what_was_trained_on(trained: dict[str, Any]) -> None:
    assert 0 < trained["final_loss"] < 8
    # 18 replayed rows are wanted; the six that there are stand in each epoch three times.
    answered = sum(map(len, ANSWERS + 2 * ANSWERS[18:]))
    assert {name: value for name, value in trained.items() if name != "final_loss"} == {
        "rows": 18,
        "replayed": 18,
        "replayed_once": 6,
        "replay_wanted": 18,
        "too_long": 0,
        "tokens": sum(map(len, PROMPTS + 2 * PROMPTS[18:])) + answered,
        "completion_tokens": answered,
        "steps": 10,
        "trainable_parameters": 4352,
    }


@pytest.mark.parametrize(("steps", "of_pairs", "few"), [(2, 0, 2), (9, 1, 0), (1, 3, 4)])
def test_a_training_of_hardly_any_steps_says_so(
    trained: dict[str, Any], steps: int, of_pairs: int, few: int
) -> None:
    found: dict[str, Any] = {"pairs": 3, "too_long": 0, "steps": of_pairs, "loss": 0.7}
    found |= {"reward_margin": 0.1, "reward_accuracy": 0.5}
    dpo = {"dpo": found} if of_pairs else {}
    told = outcome.sentence({**trained, "steps": steps, **dpo}, "iter0")
    said = f"; only {few} optimizer steps: lower train.batch_size x gradient_accumulation, or"
    assert (said in told) == bool(few), told
    # Smoke takes few steps on purpose.
    shown = FEW.sub("", f"train iter1: {told}, 3.2 s")
    assert "optimizer" not in shown and shown.endswith(", 3.2 s")


def test_the_folder_holds_the_adapter_and_its_descriptor_alone(
    models: Path, trained: dict[str, Any]
) -> None:
    names = {"adapter_config.json", "adapter_model.safetensors", "model.json"}
    assert set(contents(models / "iter1")) == names
    model = target.read(models / "iter1")
    assert model.adapter == target.fingerprint_file(models / "iter1" / target.ADAPTER)
    assert (model.iteration, model.carried_over) == ("iter1", False)
    assert model.trained_on == ["sample_a", "sample_b"]
    modules = jsonl.read_json(models / "iter1" / "adapter_config.json")["target_modules"]
    assert modules == sorted(modules)
    assert not list(models.glob("*.partial"))


def test_one_seed_gives_the_same_bytes_and_another_does_not(
    models: Path, trained: dict[str, Any], tmp_path: Path
) -> None:
    first = contents(models / "iter1", models / "curve_iter1")
    # In another process, where sets have another order.
    jsonl.write(tmp_path / "rows.jsonl", ROWS[:18])
    jsonl.write(tmp_path / "replay.jsonl", ROWS[18:])
    code = (
        "import sys; from pathlib import Path; from lai.core import jsonl;"
        "from lai.core.records import TrainRow; from tests.support.teaching import *;"
        "order = lambda rows: sorted(rows, key=lambda row: int(row.prompt[0]['content'][2:]));"
        "read = lambda name: order(jsonl.read(TrainRow, Path(sys.argv[2]) / name));"
        "train(Path(sys.argv[1]), 'again', read('rows.jsonl'), replay=read('replay.jsonl'),"
        "iteration='iter1')"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [sys.executable, "-c", code, models, tmp_path],
        check=True,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert contents(models / "again", models / "curve_again") == first
    train(models, "other", ROWS[:18], replay=ROWS[18:], seed=2, iteration="iter1")
    other = contents(models / "other", models / "curve_other")
    assert other[target.ADAPTER] != first[target.ADAPTER]
    assert other["adapter_config.json"] == first["adapter_config.json"]


def test_the_loss_curve_has_values_by_step_and_no_times(
    models: Path, trained: dict[str, Any]
) -> None:
    lines = (models / "curve_iter1/plots/metrics/train/loss.tsv").read_text().splitlines()
    assert lines[0].split("\t") == ["step", "loss"]
    assert [line.split("\t")[0] for line in lines[1:]] == [str(step) for step in range(1, 11)]
    assert float(lines[-1].split("\t")[1]) < float(lines[1].split("\t")[1])


def test_a_template_whose_prompt_begins_no_answer_is_refused(tmp_path: Path) -> None:
    tiny_model.save(tmp_path / "base", template=tiny_model.BAD_TEMPLATE)
    tiny_model.describe(tmp_path / "base", tmp_path / "iter0")
    with pytest.raises(PipelineError, match=r"ends in '.*<reply>', but before an answer"):
        train(tmp_path, "iter1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base", "iter0"]


def test_rows_too_long_are_left_out_and_counted(models: Path) -> None:
    long = [row("x" * 100, str(number)) for number in range(3)]
    metrics = train(models, "long", [*ROWS[:8], *long], replay=long[:1])
    assert metrics["replayed_once"] == 0
    assert (metrics["rows"], metrics["replayed"], metrics["too_long"]) == (8, 0, 4)
    with pytest.raises(PipelineError, match=r"all 3 rows .* longer than train.max_length \(64"):
        train(models, "longer", long, replay=ROWS)
    assert not (models / "longer").exists()


def test_without_rows_the_model_is_carried_over(models: Path, trained: dict[str, Any]) -> None:
    metrics = train(models, "carried", [], source=models / "iter1", iteration="iter2")
    assert set(metrics) == set(trained)
    assert (metrics["rows"], metrics["steps"], metrics["final_loss"]) == (0, 0, None)
    model, before = target.read(models / "carried"), target.read(models / "iter1")
    assert model.carried_over and model.iteration == "iter2"
    assert model.name == before.name and model.trained_on == before.trained_on
    assert answers(models / "carried") == answers(models / "iter1")
    curve = models / "curve_carried/plots/metrics/train/loss.tsv"
    assert curve.read_text().split() == ["step", "loss"]
    outcome.carry_over(models / "iter0", models / "untrained", "iter1")
    assert set(contents(models / "untrained")) == {"model.json"}


@pytest.mark.parametrize(
    ("failure", "raised"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), PipelineError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_a_training_that_fails_leaves_what_there_was(
    models: Path,
    trained: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    failure: BaseException,
    raised: type[BaseException],
) -> None:
    before = contents(models / "iter1")

    def fail(*arguments: object) -> None:
        raise failure

    monkeypatch.setattr(lora, "_save", fail)
    with pytest.raises(raised, match="free some space" if raised is PipelineError else None):
        train(models, "iter1", ROWS[:8])
    assert contents(models / "iter1") == before
    assert not list(models.glob("*.partial"))


def test_a_loss_that_is_no_number_is_an_error(models: Path) -> None:
    wild = PARAMS.model_copy(update={"learning_rate": 1e30})
    with pytest.raises(PipelineError, match=r"diverged.*lower train\.learning_rate"):
        train(models, "wild", params=wild)
    assert not (models / "wild").exists()


def test_weights_that_are_no_numbers_are_never_saved(models: Path) -> None:
    # A single step: its loss is computed before the update that ruins the weights.
    once = {"batch_size": 64, "epochs": 1, "warmup_ratio": 0.0}
    wild = PARAMS.model_copy(update={"learning_rate": 1e39, **once})
    with pytest.raises(PipelineError, match=r"diverged.*lower train\.learning_rate"):
        train(models, "ruined", params=wild)
    assert not (models / "ruined").exists()


def test_a_base_that_changed_since_prepare_is_not_trained(tmp_path: Path) -> None:
    base = tiny_model.save(tmp_path / "base")
    tiny_model.describe(base, tmp_path / "iter0")
    config = base / "config.json"
    config.write_text(config.read_text() + " ")
    with pytest.raises(PipelineError, match=r"have changed since `prepare`.*repro -f prepare"):
        train(tmp_path, "iter1", ROWS[:4])


def test_the_curve_is_the_only_thing_dvclive_writes(models: Path, trained: dict[str, Any]) -> None:
    assert set(contents(models / "curve_iter1")) == {
        "metrics.json",
        "plots/metrics/train/loss.tsv",
        "plots/metrics/train/learning_rate.tsv",
    }
    assert set(json.loads((models / "curve_iter1/metrics.json").read_text())) == {"step", "train"}
