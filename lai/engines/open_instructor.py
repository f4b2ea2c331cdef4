"""Opens the instructor that params.yaml names, with the store of replies in front."""

from __future__ import annotations

from pathlib import Path

from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import InstructorParams
from lai.engines import stand_in
from lai.engines.store.cache import Cached


def open_instructor(instructor: InstructorParams, runtime: RuntimeParams, cache: Path) -> Cached:
    """The instructor. Raises: PipelineError when its key is missing or its URL is none.

    The builtin tutor has a store for each state of its code: a model's name stands for what it
    answers, and the tutor's does not.
    """
    if (rehearsed := stand_in.of("instructor")) is not None:
        return Cached(rehearsed, cache)
    path = store_path(instructor, cache)
    if instructor.engine == "openai":
        from lai.engines.openai.engine import OpenAIEngine

        engine = OpenAIEngine(runtime.instructor, "instructor", instructor.provider)
        return Cached(engine, path, price=runtime.instructor.price)
    from lai.engines.builtin import BuiltinEngine

    return Cached(BuiltinEngine(), path)


def store_path(instructor: InstructorParams, cache: Path) -> Path:
    """Where the instructor's replies are kept, beside or in `cache`."""
    if instructor.engine == "openai":
        return cache
    from lai.engines.builtin import fingerprint

    return cache.with_name(f"tutor-{fingerprint()}.sqlite")
