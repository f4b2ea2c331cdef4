"""Opens the judge that params.yaml names, with the store of replies in front."""

from __future__ import annotations

from pathlib import Path

from lai.core.params.schema import RuntimeParams
from lai.engines.store.cache import Cached


def open_judge(runtime: RuntimeParams, cache: Path) -> Cached:
    """The judge. Raises: PipelineError when its key is missing or its URL is none."""
    from lai.engines.openai.engine import OpenAIEngine

    return Cached(OpenAIEngine(runtime.judge, role="judge"), cache)
