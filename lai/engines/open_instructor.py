"""Opens the instructor that params.yaml names, with the store of replies in front."""

from __future__ import annotations

from pathlib import Path

from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import InstructorParams
from lai.engines.base import Engine
from lai.engines.store.ledger import ledger_beside
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
            ledger = ledger_beside(cache, runtime.budget)
            endpoint, provider = runtime.instructor, instructor.provider
            if instructor.mode == "batch":
                from lai.engines.openai.batch import BatchEngine

                folder = cache.with_name("batches")
                return BatchEngine(endpoint, "instructor", provider, ledger, folder)
            from lai.engines.openai.engine import OpenAIEngine

            return OpenAIEngine(endpoint, "instructor", provider, ledger)

        price = runtime.instructor.price
        half = price.batched() if price and instructor.mode == "batch" else price
        return Transcribed(engine, cache, price=half)
    from lai.engines.builtin import BuiltinEngine, fingerprint

    return Transcribed(BuiltinEngine(), cache.with_name(f"tutor-{fingerprint()}.sqlite"))
