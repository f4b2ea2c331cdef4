"""A bar while an instructor or judge is asked: paid calls take minutes."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Self

from lai.engines.base import Counted, Engine


class Progress:
    """Replies as they come, on a terminal: calls, stored ones, failures, tokens, cost, time left.

    Elsewhere nothing is shown; the stage's summary says the same at the end.
    """

    def __init__(self, engine: Engine, total: int) -> None:
        self._engine = engine
        self._failed = 0
        self._cached = engine.cached if isinstance(engine, Counted) else 0
        self._bar: Any = None
        if total and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=total, desc="asking", unit="reply", leave=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def add(self, failed: bool) -> None:
        """Count one reply. `failed`: it cannot be used, and nobody is asked again."""
        self._failed += failed
        if self._bar is None:
            return
        self._bar.set_postfix_str(self._told(), refresh=False)
        if isinstance(self._engine, Counted) and self._engine.cached > self._cached:
            self._cached += 1
            self._skip()
        self._bar.update()

    def _skip(self) -> None:
        """Leave the next reply, which the store held, out of the rate and so of the time left."""
        self._bar.initial += 1
        self._bar.last_print_n += 1

    def _told(self) -> str:
        failed = f"{self._failed} failed"
        return f"{self._engine.told()}, {failed}" if isinstance(self._engine, Counted) else failed
