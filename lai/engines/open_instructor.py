"""Opens the instructor that params.yaml names, with the store of replies in front."""

from __future__ import annotations

from pathlib import Path

from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import InstructorParams
from lai.engines.store.cache import Cached


def open_instructor(instructor: InstructorParams, runtime: RuntimeParams, cache: Path) -> Cached:
    """The instructor. Raises: PipelineError when its key is missing or its URL is none.

    The builtin tutor has a store for each state of its code: a model's name stands for what it
    answers, and the tutor's does not.
    """
    if instructor.engine == "openai":
        from lai.engines.openai.engine import OpenAIEngine

        engine = OpenAIEngine(runtime.instructor, "instructor", instructor.provider)
        return Cached(engine, cache, price=runtime.instructor.price)
    from lai.engines.builtin import BuiltinEngine, fingerprint

    return Cached(BuiltinEngine(), cache.with_name(f"tutor-{fingerprint()}.sqlite"))
