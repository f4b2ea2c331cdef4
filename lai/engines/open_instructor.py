"""Opens the instructor that params.yaml names, with the store of replies in front."""

from __future__ import annotations

from pathlib import Path

from lai.core.params.schema import InstructorParams, RuntimeParams
from lai.engines.base import Engine
from lai.engines.store.cache import Cached


def open_instructor(instructor: InstructorParams, runtime: RuntimeParams, cache: Path) -> Cached:
    """The instructor. Raises: PipelineError when its key is missing or its URL is none."""
    return Cached(_engine(instructor, runtime), cache)


def _engine(instructor: InstructorParams, runtime: RuntimeParams) -> Engine:
    if instructor.engine == "openai":
        from lai.engines.openai.engine import OpenAIEngine

        return OpenAIEngine(runtime.instructor, "instructor", instructor.provider)
    from lai.engines.builtin import BuiltinEngine

    return BuiltinEngine()
