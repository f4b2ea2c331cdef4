"""Opens the instructor that params.yaml names, with the store of replies in front."""

from __future__ import annotations

from pathlib import Path

from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import InstructorParams
from lai.engines.base import Engine
from lai.engines.store.transcripts import Transcribed


def open_instructor(
    instructor: InstructorParams, runtime: RuntimeParams, cache: Path
) -> Transcribed:
    """The instructor, whose key and URL are looked at when it is first asked, see `Cached.open`.

    The builtin tutor has a store for each state of its code: a model's name stands for what it
    answers, and the tutor's does not.
    """
    if instructor.engine == "openai":

        def engine() -> Engine:
            from lai.engines.openai.engine import OpenAIEngine

            return OpenAIEngine(runtime.instructor, "instructor", instructor.provider)

        return Transcribed(engine, cache, runtime.instructor.price)
    from lai.engines.builtin import BuiltinEngine, fingerprint

    return Transcribed(BuiltinEngine(), cache.with_name(f"tutor-{fingerprint()}.sqlite"))
