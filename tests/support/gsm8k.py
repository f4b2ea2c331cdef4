"""The loop on a task in GSM8K's schema, with an OpenAI-compatible server as instructor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "gsm8k"


def params(url: str, folder: Path = FIXTURE, **tasks: Any) -> dict[str, Any]:
    """Params for `repository.make`: the folder's train.jsonl as pool, its test.jsonl as test."""
    return {
        "tasks": {
            "gsm8k": {
                "family": "math",
                "role": "id",
                "scorer": "number",
                "prompt": "number",
                "pool": {"files": str(folder / "train.jsonl")},
                "test": {"files": str(folder / "test.jsonl")},
                "fields": {"input": "question", "reference": "answer"},
                "dev_size": 8,
            }
        },
        "instructor": {
            "engine": "openai",
            "provider": "loopback",
            "model": "instructor",
            "max_tokens": 1000,
        },
        "runtime": {"instructor": {"base_url": url, "concurrency": 4}},
        "prepare": {"pool_size": None, "test_size": None},
        "iterations": {"iter1": "iter0"},
        "synthesize": {"budget": 20, "samples_per_request": 2},
        "target__max_tokens": 48,
        "train__epochs": 1,
    }
