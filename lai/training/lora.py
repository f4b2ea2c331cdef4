"""LoRA (Hu et al. 2021) with PEFT and TRL's SFTTrainer."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import PeftModel, get_peft_model_state_dict
from safetensors.torch import save
from transformers import PreTrainedTokenizerBase
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.records import TrainRow
from lai.engines.hf import chat, loading
from lai.engines.hf.encoding import IGNORED, Chat, Encoded, encode
from lai.engines.target import ADAPTER, Target
from lai.training import phases, preference
from lai.training.cpu import CpuTrainer
from lai.training.lesson import Lesson
from lai.training.outcome import CONFIG
from lai.training.preference import EncodedPair

MOST_REPEATS = 4
"""How often a replayed row may stand in an epoch: of few rows, more would be learnt by heart."""


@dataclass(frozen=True)
class Material:
    """What of a lesson is short enough, in tokens. `wanted`: how many rows to replay."""

    taught: list[Encoded]
    replayed: list[Encoded]
    pairs: list[EncodedPair]
    wanted: int

    @property
    def rows(self) -> list[Encoded]:
        """The taught ones, and those replayed as often as needs be."""
        return [*self.taught, *repeat(self.replayed, self.wanted)]


def fit(lesson: Lesson, model: Target, folder: Path, curve: Path) -> dict[str, Any]:
    """Train as `lai.training.train` says and write the adapter into `folder`; returns metrics.

    Rows come first, so that the model which the pairs start from knows what they teach.
    """
    _show_one_gpu(lesson.runtime.device)
    base, tokenizer = loading.load_base(model, lesson.target, lesson.runtime)
    given = _material(lesson, base, tokenizer)
    rows, pairs = given.rows, given.pairs
    trained = _continued(base, lesson, model)
    by_rows: dict[str, Any] = {"steps": 0, "loss": None}
    by_pairs: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        if rows:
            trainer = make_trainer(trained, tokenizer, rows, lesson, scratch)
            by_rows = phases.run(trainer, curve, "train")
            trained = trainer.model
        if pairs:
            preferring = preference.make_trainer(trained, tokenizer, pairs, lesson, scratch)
            by_pairs = phases.run(preferring, curve, "dpo", by_rows["steps"])
            trained = preferring.model
    _save(trained, model, folder)
    metrics = {
        "rows": len(given.taught),
        "replayed": len(rows) - len(given.taught),
        "replayed_once": len(given.replayed),
        "replay_wanted": given.wanted,
        "too_long": len(lesson.rows) + len(lesson.replay) - len(given.taught + given.replayed),
        "tokens": sum(len(row.input_ids) for row in rows),
        "completion_tokens": sum(label != IGNORED for row in rows for label in row.labels),
        "steps": by_rows["steps"],
        "final_loss": by_rows["loss"],
        "trainable_parameters": sum(p.numel() for p in trained.parameters() if p.requires_grad),
    }
    if lesson.pairs:
        metrics["dpo"] = {
            "pairs": len(pairs),
            "too_long": len(lesson.pairs) - len(pairs),
            "tokens": sum(pair.tokens for pair in pairs),
            "completion_tokens": sum(pair.completion_tokens for pair in pairs),
            **by_pairs,
        }
    return metrics


def _material(lesson: Lesson, base: Any, tokenizer: PreTrainedTokenizerBase) -> Material:
    longest = lesson.params.max_length
    stops = chat.stop_ids(tokenizer, base.generation_config)

    def encoded(chats: Iterable[Chat]) -> list[Encoded]:
        return encode([*chats], tokenizer, lesson.target.chat_template_kwargs, stops)

    def fitting(rows: Sequence[TrainRow]) -> list[Encoded]:
        found = encoded((row.prompt, row.completion) for row in rows)
        return [row for row in found if len(row.input_ids) <= longest]

    chosen = encoded((pair.prompt, pair.chosen) for pair in lesson.pairs)
    rejected = encoded((pair.prompt, pair.rejected) for pair in lesson.pairs)
    count = len(lesson.rows) + len(lesson.pairs)
    found = Material(
        taught=fitting(lesson.rows),
        replayed=fitting(lesson.replay),
        pairs=[
            preference.join(*both)
            for both in zip(chosen, rejected, strict=True)
            if all(len(one.input_ids) <= longest for one in both)
        ],
        wanted=round(lesson.params.replay.ratio * count),
    )
    if not found.taught and not found.pairs:
        raise PipelineError(
            f"all {count} rows{' and pairs' * bool(lesson.pairs)} to train on are longer than "
            f"train.max_length ({longest} tokens); raise it"
        )
    return found


def repeat(rows: Sequence[Encoded], wanted: int) -> list[Encoded]:
    """The rows over and over until there are `wanted`, each `MOST_REPEATS` times at most.

    Strategies differ in how much they leave to replay; repeated, it is as much for each of them,
    and so is the number of steps.
    """
    count = min(wanted, MOST_REPEATS * len(rows))
    return [*itertools.islice(itertools.cycle(rows), max(count, len(rows)))]


def make_trainer(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    rows: Sequence[Encoded],
    lesson: Lesson,
    scratch: str,
) -> SFTTrainer:
    """The trainer of a fresh adapter, or of the one that `model` has."""
    params = lesson.params
    return (CpuTrainer if model.device.type == "cpu" else SFTTrainer)(
        model=model,
        args=SFTConfig(
            **phases.settings(
                model, lesson, params.epochs, params.learning_rate, len(rows), scratch
            )
        ),
        train_dataset=Dataset.from_list([vars(row) for row in rows]),
        processing_class=tokenizer,
        peft_config=None if isinstance(model, PeftModel) else phases.adapter(params),
    )


def _continued(base: Any, lesson: Lesson, model: Target) -> Any:
    """The base, with the adapter in `lesson.source` if it is to be trained on."""
    if lesson.params.start_from == "base" or model.adapter is None:
        return base
    # Without is_trainable an adapter is loaded frozen, and training changes nothing.
    return PeftModel.from_pretrained(base, lesson.source, is_trainable=True)


def _save(trained: Any, model: Target, folder: Path) -> None:
    """Write weights and config, the same bytes whenever the weights are the same.

    PEFT's own saving adds a README, asks the Hub for the base's config, and writes sets unsorted.
    """
    weights = get_peft_model_state_dict(trained, save_embedding_layers=False)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
    if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values()):
        raise PipelineError(
            "training diverged: the adapter holds values that are no numbers; "
            "lower train.learning_rate"
        )
    with jsonl.replacing(folder / ADAPTER) as file:
        file.write(save(tensors, metadata={"format": "pt"}))
    config = trained.peft_config["default"].to_dict() | {
        "base_model_name_or_path": model.base,
        "revision": model.revision,
        "inference_mode": True,
    }
    jsonl.write_json(
        folder / CONFIG,
        {
            name: sorted(value) if isinstance(value, set) else value
            for name, value in config.items()
        },
    )


def _show_one_gpu(device: str) -> None:
    """Hide all GPUs but one from CUDA, which has not looked yet: TRL refuses to train on several.

    Raises: PipelineError when CUDA_VISIBLE_DEVICES is set and shows several.
    """
    kind, _, index = device.partition(":")
    if kind in ("auto", "cuda") and "WORLD_SIZE" not in os.environ:
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", index or "0")
    if torch.cuda.device_count() > 1:
        raise PipelineError(
            f"CUDA_VISIBLE_DEVICES={os.environ['CUDA_VISIBLE_DEVICES']} shows several GPUs, and "
            "training uses one; name one of them"
        )
