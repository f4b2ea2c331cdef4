"""What a model of a real size takes on this GPU: `python benchmarks/large.py --shape 8b`.

Makes a Llama of that shape with random weights (no download; 16 GB on disk for 8b), trains a LoRA
adapter for some steps and has it answer, through the code of the stages `train` and `eval`. Prints
peak memory and speed of both. The answers of random weights are worth nothing, and never stop by
themselves: each is decoded to its full length.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from lai import training
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.core.params.training import TrainParams
from lai.core.records import TrainRow
from lai.engines import target
from lai.engines.base import Request
from lai.engines.hf.engine import HfEngine

MICRO = Path("models/base/micro")
SHAPES = {
    "1b": {"hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16,
           "num_attention_heads": 32, "num_key_value_heads": 8},
    "8b": {"hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
           "num_attention_heads": 32, "num_key_value_heads": 8},
}  # fmt: skip
VOCABULARY = 128_256
GIB = 1 << 30


def make(folder: Path, shape: str) -> None:
    """Random weights in bfloat16, with the demo's tokenizer and chat template."""
    tokenizer = AutoTokenizer.from_pretrained(MICRO)
    config = LlamaConfig(
        **SHAPES[shape],
        vocab_size=VOCABULARY,
        max_position_embeddings=8192,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        dtype="bfloat16",
    )
    with torch.device("cuda"):
        torch.set_default_dtype(torch.bfloat16)
        model = LlamaForCausalLM(config)
        torch.set_default_dtype(torch.float32)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def memory() -> str:
    """What was used at most: by tensors, by torch for them, and now on the whole device."""
    free, total = torch.cuda.mem_get_info()
    used = torch.cuda.max_memory_allocated(), torch.cuda.max_memory_reserved(), total - free
    tensors, reserved, device = (f"{one / GIB:.1f}" for one in used)
    return f"peak {tensors} GiB, {reserved} reserved; {device} of the device in use"


def text(draw: random.Random, words: int) -> str:
    """Common words at random."""
    known = "the a of sum what is each more than twice how many then takes gives".split()
    return " ".join(draw.choice(known) for _ in range(words))


def main() -> None:
    """Print what training and answering took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=SHAPES, default="8b")
    parser.add_argument("--rows", type=int, default=256)
    parser.add_argument("--words", type=int, default=250, help="of a row to train on")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--gradient-accumulation", type=int, default=1)
    parser.add_argument("--questions", type=int, default=256)
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--batch-tokens", type=int, default=RuntimeParams().batch_tokens)
    arguments = parser.parse_args()
    draw = random.Random(1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make(folder / "base", arguments.shape)
        torch.cuda.empty_cache()
        told = TargetParams(model=str(folder / "base"), max_tokens=arguments.max_tokens)
        (folder / "iter0").mkdir()
        target.write(folder / "iter0", target.describe_base(told.model, None))
        rows = [
            TrainRow(
                task="t",
                iteration="iter1",
                prompt=[{"role": "user", "content": text(draw, arguments.words // 2)}],
                completion=[{"role": "assistant", "content": text(draw, arguments.words // 2)}],
            )
            for _ in range(arguments.rows)
        ]
        params = TrainParams(
            epochs=1,
            learning_rate=1e-5,
            batch_size=arguments.batch_size,
            gradient_accumulation=arguments.gradient_accumulation,
            max_length=2048,
        )
        lesson = training.Lesson(
            "iter1", folder / "iter0", rows, [], [], params, told, RuntimeParams(), seed=1
        )
        torch.cuda.reset_peak_memory_stats()
        started = time.monotonic()
        found = training.train(lesson, folder / "iter1", folder / "curve")
        seconds = time.monotonic() - started
        print(
            f"train: {found['steps']} steps of {params.gradient_accumulation} batches of "
            f"{params.batch_size} rows, {found['tokens']:,} tokens in {seconds:.0f} s (loading "
            f"included), {memory()}, adapter "
            f"{(folder / 'iter1' / target.ADAPTER).stat().st_size / 1e6:.0f} MB",
            flush=True,
        )
        gc.collect()  # what was trained is held in cycles
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        runtime = RuntimeParams(batch_tokens=arguments.batch_tokens)
        engine = HfEngine(folder / "iter1", told, runtime)
        requests = [
            Request(
                provider="hf",
                model="large",
                messages=[{"role": "user", "content": text(draw, 100)}],
                max_tokens=arguments.max_tokens,
            )
            for _ in range(arguments.questions)
        ]
        engine._decoder()
        started = time.monotonic()
        replies = list(engine.generate(requests))
        seconds = time.monotonic() - started
        made = sum(reply.usage.completion_tokens for reply in replies)
        print(
            f"answer: {len(replies)} questions, {made:,} tokens in {seconds:.0f} s "
            f"({made / seconds:,.0f} a second), {memory()}",
            flush=True,
        )


if __name__ == "__main__":
    main()
