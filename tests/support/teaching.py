"""Rows to teach the tiny model, and short ways to train and to ask it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lai import training
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.core.params.training import LoraParams, TrainParams
from lai.core.records import TrainRow
from lai.engines import target
from lai.engines.base import Request
from lai.engines.hf.engine import HfEngine

RUNTIME = RuntimeParams(device="cpu")
PARAMS = TrainParams(
    epochs=2, learning_rate=1e-2, batch_size=8, max_length=64, lora=LoraParams(rank=4, alpha=8)
)


def row(question: str, answer: str = "yes") -> TrainRow:
    return TrainRow(
        task="t",
        iteration="iter1",
        prompt=[{"role": "user", "content": question}],
        completion=[{"role": "assistant", "content": answer}],
    )


ROWS = [row(f"q {number}", f"answer {number}") for number in range(24)]
# As rendered, a letter a token: ^ begins the sequence and $ ends a turn.
PROMPTS = [f"^<user>q {number}$\n<assistant>" for number in range(24)]
ANSWERS = [f"answer {number}$" for number in range(24)]


def lesson(models: Path, name: str, rows: list[TrainRow] = ROWS, **changes: Any) -> training.Lesson:
    """A lesson for the tiny model; keywords change its fields."""
    fields: dict[str, Any] = {
        "iteration": name,
        "source": models / "iter0",
        "rows": rows,
        "replay": [],
        "trained_on": ["sample_b", "sample_a"],
        "params": PARAMS,
        "target": TargetParams(model=target.read(models / "iter0").base, max_tokens=24),
        "runtime": RUNTIME,
        "seed": 1,
    }
    return training.Lesson(**(fields | changes))


def train(models: Path, name: str, rows: list[TrainRow] = ROWS, **changes: Any) -> dict[str, Any]:
    """Train `models/name`; keywords change the lesson."""
    return training.train(
        lesson(models, name, rows, **changes), models / name, models / f"curve_{name}"
    )


def contents(*folders: Path) -> dict[str, bytes]:
    """Every file below, by its path from the folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def answers(folder: Path, runtime: RuntimeParams = RUNTIME) -> list[str]:
    """What the model of `folder` says to the first rows."""
    engine = HfEngine(folder, TargetParams(model="-", max_tokens=24), runtime)
    asked = [
        Request(provider="hf", model="m", messages=row.prompt, max_tokens=24) for row in ROWS[:6]
    ]
    text = {reply.request_key: reply.text for reply in engine.generate(asked)}
    return [text[request.key] for request in asked]
