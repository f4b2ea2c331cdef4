"""Opens the instructor that params.yaml names, with the store of replies in front."""

from __future__ import annotations

import logging
from pathlib import Path

from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import InstructorParams
from lai.engines import stand_in
from lai.engines.base import Engine
from lai.engines.store.ledger import ledger_beside
from lai.engines.store.transcripts import Transcribed

log = logging.getLogger(__name__)


def open_instructor(
    instructor: InstructorParams, runtime: RuntimeParams, cache: Path
) -> Transcribed:
    """The instructor, whose key and URL are looked at when it is first asked, see `Cached.open`.

    The builtin tutor has a store for each state of its code: a model's name stands for what it
    answers, and the tutor's does not.
    """
    if (rehearsed := stand_in.of("instructor")) is not None:
        return Transcribed(rehearsed, cache)
    path = store_path(instructor, cache)
    if instructor.engine == "builtin":
        from lai.engines.builtin import BuiltinEngine

        return Transcribed(BuiltinEngine(), path, local=True)

    def engine() -> Engine:
        ledger = ledger_beside(cache, runtime.budget)
        endpoint, provider = runtime.instructor, instructor.provider
        batches = cache.with_name("batches")
        if instructor.mode == "batch":
            from lai.engines.openai.batch import BatchEngine

            return BatchEngine(endpoint, "instructor", provider, ledger, batches)
        from lai.engines.openai.batch_state import pending
        from lai.engines.openai.engine import OpenAIEngine

        if under_way := pending(batches):
            log.warning(
                "batches under way, or with answers that nobody took yet: %d; what is in them is "
                "asked (and paid) once more, unless instructor.mode: batch picks it up first",
                len(under_way),
            )
        return OpenAIEngine(endpoint, "instructor", provider, ledger)

    return Transcribed(engine, path, price=instructor.pays(runtime.instructor.price))


def store_path(instructor: InstructorParams, cache: Path) -> Path:
    """Where the instructor's replies are kept, beside or in `cache`."""
    if instructor.engine == "openai":
        return cache
    from lai.engines.builtin import fingerprint

    return cache.with_name(f"tutor-{fingerprint()}.sqlite")
