"""LoRA (Hu et al. 2021) with PEFT and TRL's SFTTrainer."""

from __future__ import annotations

import itertools
import math
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig, PeftModel, get_peft_model_state_dict
from safetensors.torch import save
from transformers import PreTrainedTokenizerBase, PrinterCallback
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.params.schema import TargetParams
from lai.core.params.training import TrainParams
from lai.core.records import TrainRow
from lai.engines.hf import chat, loading
from lai.engines.hf.encoding import IGNORED, Encoded, encode
from lai.engines.target import ADAPTER, Target
from lai.training.cpu import CpuTrainer
from lai.training.curve import Curve
from lai.training.lesson import Lesson
from lai.training.outcome import CONFIG

MOST_REPEATS = 4
"""How often a replayed row may stand in an epoch: of few rows, more would be learnt by heart."""


def fit(lesson: Lesson, model: Target, folder: Path, curve: Path) -> dict[str, Any]:
    """Train as `lai.training.train` says and write the adapter into `folder`; returns metrics."""
    params, target = lesson.params, lesson.target
    _show_one_gpu(lesson.runtime.device)
    base, tokenizer = loading.load_base(model, target, lesson.runtime)
    stops = chat.stop_ids(tokenizer, base.generation_config)
    taught, too_long = _fitting(lesson.rows, tokenizer, stops, params, target)
    replayed, more = _fitting(lesson.replay, tokenizer, stops, params, target)
    if not taught:
        raise PipelineError(
            f"all {len(lesson.rows)} rows to train on are longer than train.max_length "
            f"({params.max_length} tokens); raise it"
        )
    wanted = round(params.replay.ratio * len(lesson.rows))
    repeated = repeat(replayed, wanted)
    encoded = [*taught, *repeated]
    with tempfile.TemporaryDirectory() as scratch:
        trainer = make_trainer(base, tokenizer, encoded, lesson, model, scratch)
        with Curve(curve) as callback:
            trainer.add_callback(callback)
            try:
                trainer.train()
            except torch.OutOfMemoryError as error:
                raise PipelineError(
                    "training ran out of memory; lower train.batch_size and raise "
                    "train.gradient_accumulation by the same factor, or lower train.max_length"
                ) from error
    if not callback.losses or not math.isfinite(callback.losses[-1]):
        raise PipelineError("training diverged (its loss is not finite); lower train.learning_rate")
    trained: Any = trainer.model
    _save(trained, model, folder)
    return {
        "rows": len(taught),
        "replayed": len(repeated),
        "replayed_once": len(replayed),
        "replay_wanted": wanted,
        "too_long": too_long + more,
        "tokens": sum(len(row.input_ids) for row in encoded),
        "completion_tokens": sum(label != IGNORED for row in encoded for label in row.labels),
        "steps": trainer.state.global_step,
        "final_loss": round(callback.losses[-1], 6),
        "trainable_parameters": sum(p.numel() for p in trained.parameters() if p.requires_grad),
    }


def repeat(rows: Sequence[Encoded], wanted: int) -> list[Encoded]:
    """The rows over and over until there are `wanted`, each `MOST_REPEATS` times at most.

    Strategies differ in how much they leave to replay; repeated, it is as much for each of them,
    and so is the number of steps.
    """
    count = min(wanted, MOST_REPEATS * len(rows))
    return [*itertools.islice(itertools.cycle(rows), max(count, len(rows)))]


def make_trainer(
    base: Any,
    tokenizer: PreTrainedTokenizerBase,
    encoded: Sequence[Encoded],
    lesson: Lesson,
    model: Target,
    scratch: str,
) -> SFTTrainer:
    """The trainer of a fresh adapter, or of the one in `lesson.source` to go on with."""
    params, dtype = lesson.params, lesson.target.dtype
    on_cpu = base.device.type == "cpu"
    on_gpu = base.device.type == "cuda"
    bfloat16 = on_gpu and dtype in ("auto", "bfloat16") and torch.cuda.is_bf16_supported()
    arguments = SFTConfig(
        output_dir=scratch,
        seed=lesson.seed,
        num_train_epochs=params.epochs,
        learning_rate=params.learning_rate,
        per_device_train_batch_size=params.batch_size,
        gradient_accumulation_steps=params.gradient_accumulation,
        weight_decay=params.weight_decay,
        **_schedule(params, len(encoded)),
        # Rows are tokenized here already, and those too long counted and left out: TRL would cut
        # them, and says nothing.
        max_length=None,
        use_cpu=on_cpu,
        bf16=bfloat16,
        fp16=on_gpu and not bfloat16 and dtype != "float32",
        # Memory for time, which pays where memory is scarce.
        activation_checkpointing=not on_cpu,
        # A loss that is not a number is to be seen, not replaced by the mean of the others.
        logging_nan_inf_filter=False,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    continued = params.start_from == "previous" and model.adapter is not None
    if continued:
        # Without is_trainable an adapter is loaded frozen, and training changes nothing.
        base = PeftModel.from_pretrained(base, lesson.source, is_trainable=True)
    trainer = (CpuTrainer if on_cpu else SFTTrainer)(
        model=base,
        args=arguments,
        train_dataset=Dataset.from_list([vars(row) for row in encoded]),
        processing_class=tokenizer,
        peft_config=None if continued else _lora(params),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _lora(params: TrainParams) -> LoraConfig:
    return LoraConfig(
        r=params.lora.rank,
        lora_alpha=params.lora.alpha,
        lora_dropout=params.lora.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def _schedule(params: TrainParams, rows: int) -> dict[str, Any]:
    """Warm-up in whole steps (a fraction of 1 would read as one step), and some 100 loss values."""
    batches = math.ceil(rows / params.batch_size)
    steps = params.epochs * math.ceil(batches / params.gradient_accumulation)
    constant = params.schedule == "constant"
    return {
        "lr_scheduler_type": "constant_with_warmup" if constant else params.schedule,
        "warmup_steps": math.ceil(params.warmup_ratio * steps),
        "logging_steps": math.ceil(steps / 100),
    }


def _fitting(
    rows: Sequence[TrainRow],
    tokenizer: PreTrainedTokenizerBase,
    stops: Sequence[int],
    params: TrainParams,
    target: TargetParams,
) -> tuple[list[Encoded], int]:
    """The rows of at most `max_length` tokens, and how many there are besides."""
    chats = [(row.prompt, row.completion) for row in rows]
    encoded = encode(chats, tokenizer, target.chat_template_kwargs, stops)
    short = [row for row in encoded if len(row.input_ids) <= params.max_length]
    return short, len(encoded) - len(short)


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
