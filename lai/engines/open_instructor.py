"""Opens the instructor that params.yaml names, with the store of replies in front."""

from __future__ import annotations

import logging
from pathlib import Path

from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import InstructorParams
from lai.engines.store.cache import Cached

log = logging.getLogger(__name__)


def open_instructor(instructor: InstructorParams, runtime: RuntimeParams, cache: Path) -> Cached:
    """The instructor. Raises: PipelineError when its key is missing or its URL is none.

    The builtin tutor has a store for each state of its code: a model's name stands for what it
    answers, and the tutor's does not.
    """
    if instructor.engine == "builtin":
        from lai.engines.builtin import BuiltinEngine, fingerprint

        return Cached(BuiltinEngine(), cache.with_name(f"tutor-{fingerprint()}.sqlite"))
    from lai.engines.openai.batch_state import pending

    batches = cache.with_name("batches")
    if instructor.mode == "batch":
        from lai.engines.openai.batch import BatchEngine
        from lai.engines.store.ledger import Ledger

        ledger = Ledger(cache.with_name("ledger.sqlite"), runtime.budget)
        engine = BatchEngine(runtime.instructor, "instructor", instructor.provider, ledger, batches)
        return Cached(engine, cache, price=instructor.pays(runtime.instructor.price))
    from lai.engines.openai.engine import OpenAIEngine

    if under_way := pending(batches):
        log.warning(
            "batches under way, or with answers that nobody took yet: %d; what is in them is asked "
            "(and paid) once more, unless instructor.mode: batch picks it up first",
            under_way,
        )
    live = OpenAIEngine(runtime.instructor, "instructor", instructor.provider)
    return Cached(live, cache, price=runtime.instructor.price)
