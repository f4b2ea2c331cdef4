"""Ways to open and ask the tiny model in process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.engines import target
from lai.engines.base import Request
from lai.engines.hf.engine import HfEngine

RUNTIME = RuntimeParams(device="cpu", batch_tokens=2048)


def open_engine(folder: Path, runtime: RuntimeParams = RUNTIME, **params: Any) -> HfEngine:
    base = target.read(folder).base
    return HfEngine(folder, TargetParams(model=base, max_tokens=48, **params), runtime)


def request(question: str, max_tokens: int = 48, **fields: Any) -> Request:
    return Request(
        provider="hf",
        model="tiny",
        messages=[{"role": "user", "content": question}],
        max_tokens=max_tokens,
        **fields,
    )


QUESTIONS = [request("x" * (length % 17) + str(length)) for length in range(40)]
