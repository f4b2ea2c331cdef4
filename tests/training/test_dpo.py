"""Training by preference, on what the demo's model really got wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from lai import evaluation, mining, preference, training
from lai.core.errors import PipelineError
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import PrepareParams, TargetParams
from lai.core.params.tasks import TaskParams
from lai.core.params.training import DpoParams, LoraParams, TrainParams
from lai.core.records import Message, Pair, TrainRow
from lai.engines import target
from lai.engines.hf import chat, loading
from lai.engines.hf.encoding import encode
from lai.engines.hf.engine import HfEngine
from lai.engines.hf.losses import reference_losses
from lai.tasks.loading import load
from lai.training.preference import join
from lai.training.replay import replay_rows, trained_on
from tests.support.closure import ROOT
from tests.support.teaching import RUNTIME, contents

TARGET = TargetParams(model=str(ROOT / "models/base/micro"), max_tokens=48)
DPO = DpoParams(learning_rate=2e-3, epochs=3)
PARAMS = TrainParams(
    objective="dpo", learning_rate=1e-3, batch_size=8, lora=LoraParams(rank=8, alpha=16), dpo=DPO
)
COUNT = 48


@pytest.fixture(scope="module")
def mined(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Pair], list[TrainRow]]:
    """A folder with `iter0`; pairs from errors of that model; rows of what it solved."""
    models = tmp_path_factory.mktemp("models")
    target.write(models / "iter0", target.describe_base(TARGET.model, None))
    given = TaskParams.model_validate(
        {
            "family": "facts", "role": "id", "scorer": "choice", "prompt": "plain",
            "pool": {"builtin": "facts"}, "test": {"builtin": "facts"}, "dev_size": 4,
        }
    )  # fmt: skip
    splits = load({"facts": given}, PrepareParams(pool_size=160, test_size=4), 1)
    engine = HfEngine(models / "iter0", TARGET, RUNTIME)
    model = target.read(models / "iter0")
    completions = evaluation.answer(splits.pool, engine, model, TARGET, splits.tasks)
    scores = evaluation.score(splits.pool, completions, splits.tasks)
    errors, solved = mining.mine(splits.pool, completions, scores)
    places = {"facts": [str(number) for number in range(COUNT)]}
    pairs, _ = preference.pair(errors, completions, splits.pool, splits.tasks, places, 1, "iter1")
    replay = replay_rows(solved, completions, PARAMS.replay, COUNT, 1, "iter1")
    assert len(pairs) == len(replay) == COUNT
    return models, pairs, replay


def train(models: Path, name: str, pairs: Sequence[Pair], **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "iteration": "iter1", "source": models / "iter0", "rows": [], "replay": [],
        "pairs": pairs, "trained_on": trained_on(pairs, [], []), "params": PARAMS,
        "target": TARGET, "runtime": RUNTIME, "seed": 1,
    }  # fmt: skip
    told = training.Lesson(**(fields | changes))
    return training.train(told, models / name, models / f"curve_{name}")


def margin(folder: Path, pairs: Sequence[Pair]) -> float:
    """How much likelier the chosen responses are than the rejected ones, in nats a token."""
    chosen, rejected = (
        reference_losses(folder, TARGET, RUNTIME, [(pair.prompt, of(pair)) for pair in pairs])
        for of in (lambda pair: pair.chosen, lambda pair: pair.rejected)
    )
    return sum(rejected) / len(pairs) - sum(chosen) / len(pairs)


@pytest.fixture(scope="module")
def preferring(mined: tuple[Path, list[Pair], list[TrainRow]]) -> dict[str, Any]:
    """`models/dpo`, trained on pairs alone; its metrics."""
    models, pairs, _ = mined
    return train(models, "dpo", pairs)


def test_the_right_responses_grow_likelier_than_the_targets_own_wrong_ones(
    mined: tuple[Path, list[Pair], list[TrainRow]], preferring: dict[str, Any]
) -> None:
    models, pairs, _ = mined
    before, after = margin(models / "iter0", pairs), margin(models / "dpo", pairs)
    # It answered these wrongly, so to it the wrong responses were the likelier ones.
    assert before < -0.2
    assert after > before + 0.25
    assert preferring["dpo"]["reward_margin"] > 0
    assert preferring["dpo"]["reward_accuracy"] > 0.7
    assert preferring["dpo"]["loss"] < math.log(2)
    model = target.read(models / "dpo")
    assert target.fingerprint_folder(Path(TARGET.model)) == model.base_fingerprint
    assert model.trained_on == sorted(pair.parents[1] for pair in pairs)


def test_what_is_counted_is_what_was_trained_on(
    mined: tuple[Path, list[Pair], list[TrainRow]], preferring: dict[str, Any]
) -> None:
    models, pairs, _ = mined
    _, tokenizer = loading.load_base(target.read(models / "iter0"), TARGET, RUNTIME)
    stops = chat.stop_ids(tokenizer, None)
    found = dict(preferring["dpo"])
    rows = encode(
        [(pair.prompt, of) for pair in pairs for of in (pair.chosen, pair.rejected)],
        tokenizer, {}, stops,
    )  # fmt: skip
    joined = [join(*both) for both in zip(rows[::2], rows[1::2], strict=True)]
    assert found.pop("tokens") == sum(len(row.input_ids) for row in rows)
    assert found.pop("completion_tokens") == sum(one.completion_tokens for one in joined)
    for pair, one in zip(pairs, joined, strict=True):
        assert tokenizer.decode(one.chosen_ids).startswith(pair.chosen[0]["content"])
        assert tokenizer.decode(one.rejected_ids).startswith(pair.rejected[0]["content"])
        assert {one.chosen_ids[-1], one.rejected_ids[-1]} <= set(stops)
    assert (found["pairs"], found["too_long"], found["steps"]) == (COUNT, 0, 18)
    assert (preferring["rows"], preferring["steps"], preferring["final_loss"]) == (0, 0, None)
    assert set(found) - {"pairs", "too_long", "steps"} == {
        "loss", "reward_margin", "reward_accuracy",
    }  # fmt: skip


def test_the_same_bytes_twice_and_a_curve_of_both_phases(
    mined: tuple[Path, list[Pair], list[TrainRow]],
) -> None:
    models, pairs, replay = mined
    both = {"rows": replay[:24], "replay": replay[24:]}
    for name in ("once", "twice"):
        metrics = train(models, name, pairs[:24], **both)
    once = contents(models / "once", models / "curve_once")
    assert once == contents(models / "twice", models / "curve_twice")
    assert (metrics["rows"], metrics["replayed"], metrics["steps"]) == (24, 48, 9)
    assert (metrics["dpo"]["pairs"], metrics["dpo"]["steps"]) == (24, 9)
    curves = models / "curve_once/plots/metrics"
    steps = {
        phase: [int(line.split("\t")[0]) for line in (curves / phase).read_text().splitlines()[1:]]
        for phase in ("train/loss.tsv", "dpo/loss.tsv", "dpo/reward_margin.tsv")
    }
    assert list(steps.values()) == [[*range(1, 10)], [*range(10, 19)], [*range(10, 19)]]
    assert "24 pairs, 0 too long -> 9 steps, final loss" in training.sentence(metrics, "iter0")


def test_the_reference_is_the_model_that_the_pairs_start_from(
    mined: tuple[Path, list[Pair], list[TrainRow]], preferring: dict[str, Any]
) -> None:
    """With so small a rate that nothing moves, no reward is left of what went before."""
    models, pairs, replay = mined
    still = DpoParams(learning_rate=1e-12, epochs=1)
    params = PARAMS.model_copy(update={"dpo": still})
    after_rows = train(models, "after_rows", pairs, rows=replay, params=params)
    going_on = params.model_copy(update={"start_from": "previous"})
    source = {"source": models / "dpo", "iteration": "iter2"}
    continued = train(models, "continued", pairs, params=going_on, **source)
    for metrics in (after_rows, continued):
        assert metrics["dpo"]["loss"] == pytest.approx(math.log(2), abs=1e-5)
        assert metrics["dpo"]["reward_margin"] == pytest.approx(0, abs=1e-5)
        assert metrics["trainable_parameters"] == preferring["trainable_parameters"]
    before = load_file(models / "dpo" / target.ADAPTER)
    after = load_file(models / "continued" / target.ADAPTER)
    assert before.keys() == after.keys()
    assert all((before[name] - after[name]).abs().max() < 1e-6 for name in before)
    assert target.read(models / "continued").trained_on == target.read(models / "dpo").trained_on


def test_pairs_too_long_are_left_out_and_counted(
    mined: tuple[Path, list[Pair], list[TrainRow]],
) -> None:
    models, pairs, replay = mined
    long: list[Message] = [{"role": "assistant", "content": "The answer is A. " * 60}]
    short = PARAMS.model_copy(update={"max_length": 128})
    some = [pairs[0], *(pair.model_copy(update={"rejected": long}) for pair in pairs[1:4])]
    metrics = train(models, "long", some, params=short)
    assert (metrics["dpo"]["pairs"], metrics["dpo"]["too_long"]) == (1, 3)
    with pytest.raises(
        PipelineError, match=r"all 3 rows and pairs .* longer than train.max_length"
    ):
        train(models, "longer", some[1:], params=short, replay=replay)
    # Rows alone are taught where no pair is short enough.
    metrics = train(models, "rows_left", some[1:], params=short, rows=replay[:4])
    assert metrics["dpo"] == {"pairs": 0, "too_long": 3, "tokens": 0, "completion_tokens": 0}
    assert "4 taught" in training.sentence(metrics, "iter0")


def test_a_rate_too_high_is_named(mined: tuple[Path, list[Pair], list[TrainRow]]) -> None:
    models, pairs, _ = mined
    wild = PARAMS.model_copy(update={"dpo": DpoParams(learning_rate=1e30)})
    with pytest.raises(PipelineError, match=r"diverged.*lower train\.dpo\.learning_rate"):
        train(models, "wild", pairs, params=wild)
    assert not (models / "wild").exists()


@pytest.mark.gpu
def test_on_a_gpu(mined: tuple[Path, list[Pair], list[TrainRow]]) -> None:
    models, pairs, replay = mined
    metrics = train(models, "gpu", pairs, rows=replay, runtime=RuntimeParams(device="cuda"))
    assert metrics["dpo"]["steps"] == 18
    assert metrics["dpo"]["reward_margin"] > 0
    weights = load_file(models / "gpu" / target.ADAPTER)
    assert all(weight.dtype == torch.float32 for weight in weights.values())
