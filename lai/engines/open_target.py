"""Opens the target that params.yaml names, with the store of replies in front."""

from __future__ import annotations

from pathlib import Path

from lai.core.params.schema import RuntimeParams, TargetParams
from lai.engines.base import Engine
from lai.engines.store.cache import Cached


def open_target(
    folder: str | Path, target: TargetParams, runtime: RuntimeParams, cache: Path
) -> Cached:
    """The model of `folder` (models/iterN). Raises: PipelineError when it cannot be opened."""
    return Cached(_engine(Path(folder), target, runtime), cache)


def _engine(folder: Path, target: TargetParams, runtime: RuntimeParams) -> Engine:
    if target.engine == "openai":
        from lai.engines.openai.engine import OpenAIEngine

        return OpenAIEngine(runtime.target, role="target")
    from lai.engines.hf.engine import HfEngine

    return HfEngine(folder, target, runtime)
