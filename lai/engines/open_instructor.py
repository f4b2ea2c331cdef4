"""Opens the instructor that params.yaml names, with the store of replies in front."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import InstructorParams
from lai.engines import stand_in
from lai.engines.base import Engine, Reply, Request
from lai.engines.store.ledger import ledger_beside
from lai.engines.store.transcripts import Transcribed

if TYPE_CHECKING:
    from lai.engines.openai.engine import OpenAIEngine

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
        from lai.engines.openai.batch_state import doubt_removed, unanswered
        from lai.engines.openai.engine import OpenAIEngine

        live = OpenAIEngine(endpoint, "instructor", provider, ledger)
        doubt_removed(batches, ledger)
        under_way = unanswered(batches)
        return _Watched(live, under_way) if under_way else live

    return Transcribed(engine, path, price=instructor.pays(runtime.instructor.price))


class _Watched:
    """A live engine that says so when it is asked what lies in a batch under way (`keys`)."""

    commit_every = 1

    def __init__(self, engine: OpenAIEngine, keys: Collection[str]) -> None:
        self._engine = engine
        self._keys = set(keys)

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """As the engine behind."""
        return self._engine.generate(list(self._looked_at(requests)))

    def stream(self, requests: Iterable[Request]) -> Iterator[list[Reply]]:
        """As the engine behind."""
        return self._engine.stream(self._looked_at(requests))

    def _looked_at(self, requests: Iterable[Request]) -> Iterator[Request]:
        for request in requests:
            if request.key in self._keys:
                log.warning(
                    "of %d requests in batches under way, or whose answers nobody took yet, those "
                    "that come up are asked (and paid) live once more; to take the batches' "
                    "answers instead, stop and set instructor.mode: batch",
                    len(self._keys),
                )
                self._keys = set()
            yield request


def store_path(instructor: InstructorParams, cache: Path) -> Path:
    """Where the instructor's replies are kept, beside or in `cache`."""
    if instructor.engine == "openai":
        return cache
    from lai.engines.builtin import fingerprint

    return cache.with_name(f"tutor-{fingerprint()}.sqlite")
