"""Training by preference, on what the demo's model really got wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from lai import evaluation, mining, preference, training
from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.params.schema import PrepareParams, TargetParams
from lai.core.params.tasks import TaskParams
from lai.core.params.training import DpoParams, LoraParams, TrainParams
from lai.core.records import Completion, Message, Pair, TrainRow
from lai.engines import target
from lai.engines.hf import chat, loading
from lai.engines.hf.encoding import encode
from lai.engines.hf.engine import HfEngine
from lai.engines.hf.losses import reference_losses
from lai.tasks.loading import load
from lai.training.preference import join
from lai.training.replay import replay_rows
from tests.support.closure import ROOT
from tests.support.teaching import RUNTIME, contents

TARGET = TargetParams(model=str(ROOT / "models/base/micro"), max_tokens=48)
DPO = DpoParams(learning_rate=1e-3, beta=0.1)
PARAMS = TrainParams(
    objective="dpo", learning_rate=1e-3, batch_size=16, lora=LoraParams(rank=8, alpha=16), dpo=DPO
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
            "pool": {"builtin": "facts"}, "test": {"builtin": "facts"},
        }
    )  # fmt: skip
    splits = load({"facts": given}, PrepareParams(pool_size=160, test_size=4), 1)
    engine = HfEngine(models / "iter0", TARGET, RUNTIME)
    model = target.read(models / "iter0")
    completions = evaluation.answer(splits.pool, engine, model, TARGET, splits.tasks)
    scores = evaluation.score(splits.pool, completions, splits.tasks)
    errors, solved = mining.mine(splits.pool, completions, scores)
    wanted = {"facts": COUNT}
    pairs = preference.pair(errors, completions, splits.pool, splits.tasks, wanted, 1, "iter1")
    replay = replay_rows(solved, completions, PARAMS.replay, COUNT, 1, "iter1")
    assert len(pairs) == len(replay) == COUNT
    return models, pairs, replay


def train(models: Path, name: str, pairs: Sequence[Pair], **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "iteration": "iter1", "source": models / "iter0", "rows": [], "replay": [],
        "pairs": pairs, "trained_on": training.trained_on(pairs, [], []), "params": PARAMS,
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
