"""Opens a model of `models/iterN/` with transformers: where it runs, in what precision."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Literal

import torch
from huggingface_hub import constants
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from lai.core.errors import PipelineError
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.engines.hf import hub
from lai.engines.target import ADAPTER, Target


def quiet() -> None:
    """No notices, no bars and no usage reports from the libraries; downloads keep their bars."""
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    # The variable of that name counts only if it was set before the library was imported.
    constants.HF_HUB_DISABLE_TELEMETRY = True
    # The libraries call each other by names that they are about to drop.
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"(transformers|trl|peft)\.")


def find_device(name: str) -> torch.device:
    """The device that `runtime.device` names; `auto` takes cuda, else mps, else cpu.

    Raises: PipelineError when there is none of that name.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise PipelineError(
            f"runtime.device: {name} cannot be used here ({str(error).splitlines()[0]}); "
            "write auto, cpu, cuda or mps"
        ) from None
    return device


def find_dtype(name: str, device: torch.device) -> torch.dtype | Literal["auto"]:
    """The precision that `target.dtype` names; `auto` is as stored, but float32 on a CPU.

    Without matrix instructions for it, a CPU takes four to five times as long in bfloat16.
    """
    if name != "auto":
        dtype: torch.dtype = getattr(torch, name)
        return dtype
    return torch.float32 if device.type == "cpu" else "auto"


def load_base(
    model: Target, target: TargetParams, runtime: RuntimeParams
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The untrained model, on its device, and its tokenizer.

    A folder is read without touching the network.

    Raises: PipelineError when it cannot be had, with what to do about it.
    """
    quiet()
    # cuDNN's attention is planned anew for every length, and each decoded token makes a new one.
    torch.backends.cuda.enable_cudnn_sdp(False)
    device = find_device(runtime.device)
    source: dict[str, Any] = {
        "revision": model.revision,
        "local_files_only": Path(model.base).is_dir(),
    }
    try:
        tokenizer = AutoTokenizer.from_pretrained(model.base, **source)
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            model.base, dtype=find_dtype(target.dtype, device), **source
        )
        loaded.to(device)
    except (OSError, ValueError, ImportError, KeyError, RuntimeError) as error:
        raise PipelineError(hub.advice(model.base, error)) from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return loaded.eval(), tokenizer


def load_tokenizer(model: Target) -> tuple[PreTrainedTokenizerBase, GenerationConfig]:
    """The tokenizer alone, and how the model generates. Raises: PipelineError as `load_base`."""
    quiet()
    source: dict[str, Any] = {
        "revision": model.revision,
        "local_files_only": Path(model.base).is_dir(),
    }
    try:
        tokenizer = AutoTokenizer.from_pretrained(model.base, **source)
        try:
            generation = GenerationConfig.from_pretrained(model.base, **source)
        except OSError:  # a model without a file of its own for it
            config = AutoConfig.from_pretrained(model.base, **source)
            generation = GenerationConfig.from_model_config(config)
    except (OSError, ValueError, ImportError, KeyError) as error:
        raise PipelineError(hub.advice(model.base, error)) from error
    return tokenizer, generation


def load_trained(
    folder: Path, model: Target, target: TargetParams, runtime: RuntimeParams
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The model of `folder`, its adapter merged into the weights, and its tokenizer.

    Raises: PipelineError as `load_base`, and when the adapter is missing.
    """
    loaded, tokenizer = load_base(model, target, runtime)
    if model.adapter is None:
        return loaded, tokenizer
    if not (folder / ADAPTER).is_file():
        raise PipelineError(f"{folder / ADAPTER} does not exist; run `dvc repro` (or `dvc pull`)")
    # Only a trained model pays for this import.
    from peft import PeftModel

    merged: Any = PeftModel.from_pretrained(loaded, folder, torch_device=str(loaded.device))
    return merged.merge_and_unload().eval(), tokenizer
