"""What a training on rows and one on pairs have in common: settings, adapter, the run itself."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from transformers import PrinterCallback, Trainer

from lai.core.errors import PipelineError
from lai.core.params.training import TrainParams
from lai.training.curve import Curve
from lai.training.lesson import Lesson


def settings(
    base: Any, lesson: Lesson, epochs: int, learning_rate: float, examples: int, scratch: str
) -> dict[str, Any]:
    """The arguments of a trainer of `base`. `scratch`: the folder of what it writes."""
    params, dtype = lesson.params, lesson.target.dtype
    on_cpu = base.device.type == "cpu"
    on_gpu = base.device.type == "cuda"
    bfloat16 = on_gpu and dtype in ("auto", "bfloat16") and torch.cuda.is_bf16_supported()
    return {
        "output_dir": scratch,
        "seed": lesson.seed,
        "num_train_epochs": epochs,
        "learning_rate": learning_rate,
        "per_device_train_batch_size": params.batch_size,
        "gradient_accumulation_steps": params.gradient_accumulation,
        "weight_decay": params.weight_decay,
        **schedule(params, examples, epochs),
        # What is too long is left out and counted before: TRL would cut it, and says nothing.
        "max_length": None,
        "use_cpu": on_cpu,
        "bf16": bfloat16,
        "fp16": on_gpu and not bfloat16 and dtype != "float32",
        # Memory for time, which pays where memory is scarce.
        "activation_checkpointing": not on_cpu,
        # A loss that is not a number is to be seen, not replaced by the mean of the others.
        "logging_nan_inf_filter": False,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
    }


def schedule(params: TrainParams, examples: int, epochs: int) -> dict[str, Any]:
    """Warm-up in whole steps (a fraction of 1 would read as one step), and some 100 loss values.

    A warm-up of less than a step is none: the first step of one is at a learning rate of 0.
    """
    batches = math.ceil(examples / params.batch_size)
    steps = epochs * math.ceil(batches / params.gradient_accumulation)
    constant = params.schedule == "constant"
    warmup = params.warmup_ratio * steps
    return {
        "lr_scheduler_type": "constant_with_warmup" if constant else params.schedule,
        "warmup_steps": math.ceil(warmup) if warmup >= 1 else 0,
        "logging_steps": math.ceil(steps / 100),
    }


def adapter(params: TrainParams) -> LoraConfig:
    """A fresh adapter of all linear layers."""
    return LoraConfig(
        r=params.lora.rank,
        lora_alpha=params.lora.alpha,
        lora_dropout=params.lora.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def run(trainer: Trainer, folder: Path, phase: str, before: int = 0) -> dict[str, float]:
    """Train, and return the values last logged, and `steps`.

    The curve of the `phase` goes to `folder`, its first step after the `before` of another phase.

    Raises: PipelineError when memory runs out or the loss is no number.
    """
    rate = "train.learning_rate" if phase == "train" else f"train.{phase}.learning_rate"
    trainer.remove_callback(PrinterCallback)
    with Curve(folder, phase, before) as curve:
        trainer.add_callback(curve)
        try:
            trainer.train()
        except torch.OutOfMemoryError as error:
            raise PipelineError(
                "training ran out of memory; lower train.batch_size and raise "
                "train.gradient_accumulation by the same factor, or lower train.max_length"
            ) from error
    if not math.isfinite(curve.last.get("loss", math.nan)):
        raise PipelineError(f"training diverged (its loss is not finite); lower {rate}")
    return curve.last | {"steps": trainer.state.global_step}
