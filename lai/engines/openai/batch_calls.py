"""Calls that are repeated when they fail in passing, but have their effect once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import openai

from lai.core.errors import PipelineError
from lai.core.params.runtime import EndpointParams
from lai.engines.openai import failures
from lai.engines.openai.endpoint import Endpoint
from lai.engines.openai.failures import GAVE_UP, RejectedError
from lai.engines.openai.flight import Loop

log = logging.getLogger(__name__)

LONGEST_WAIT = 120.0
"""Seconds that no wait exceeds, whatever Retry-After says."""
LONGEST_PAUSE = 60
"""In units of the first one."""

T = TypeVar("T")


class MalformedError(Exception):
    """An answer of another shape than documented."""


class GivenUpError(PipelineError):
    """All attempts failed. `perhaps`: whether the last one may have had its effect all the same."""

    def __init__(self, message: str, perhaps: bool) -> None:
        super().__init__(message)
        self.perhaps = perhaps


class Calls:
    """Makes calls to an endpoint, in `loop`. `pause`: seconds before the first repetition, then
    doubled.
    """

    def __init__(
        self, loop: Loop, endpoint: Endpoint, params: EndpointParams, role: str, pause: float
    ) -> None:
        self._loop = loop
        self._endpoint = endpoint
        self._params = params
        self._role = role
        self._pause = pause
        self._heard = False

    def make(
        self,
        call: Callable[[], Coroutine[Any, Any, T]],
        done: Callable[[bool], T | None] = lambda _: None,
        more: int = 0,
    ) -> T:
        """What `call` returns, tried again when it fails in passing.

        `done`: looks, before `call` is repeated, whether an attempt arrived after all; it is told
        whether the last one may have: it was sent, and nobody said no. `more`: attempts beyond
        those of the params.

        Raises: GivenUpError when all fail; RejectedError when another attempt would be in vain.
        """
        attempts = self._params.max_retries + 1 + more
        pause = self._pause
        perhaps = False
        for attempt in range(1, attempts + 1):
            if attempt > 1 and (found := done(perhaps)) is not None:
                return found
            perhaps = True
            try:
                answer = self._wait_for(call())
                self._heard = True
                return answer
            except openai.APIStatusError as error:
                self._heard = True
                perhaps = error.status_code in GAVE_UP
                fault = failures.judged(error, None, self._endpoint, self._params, self._role)
                if isinstance(fault, RejectedError):
                    raise fault from None
                problem = str(fault)
                pause = max(pause, min(fault.retry_after or 0.0, LONGEST_WAIT))
            except failures.LOST as error:
                perhaps = not failures.never_sent(error)
                problem = self._lost(error)
            except MalformedError as error:
                problem = self._endpoint.scrub(str(error))
            if attempt < attempts:
                if attempt == 1:
                    log.warning("%s: %s; trying again for a while", self._endpoint.url, problem)
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE * self._pause)
        raise GivenUpError(
            f"{self._endpoint.url}: {problem} (attempt {attempts} of {attempts}); what is under "
            "way there goes on, and a rerun picks it up. Check the server and "
            f"runtime.{self._role} (base_url, timeout, max_retries)",
            perhaps,
        )

    def _wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        future = self._loop.submit(work)
        try:
            return future.result()
        finally:
            # Of what was interrupted (Ctrl-C) nothing more is wanted.
            future.cancel()

    def _lost(self, error: Exception) -> str:
        """A lost connection in words. Raises: RejectedError when nobody ever listened there."""
        if failures.timed_out(error):
            return f"no answer within {self._params.timeout:g} s"
        url = self._endpoint.url
        if not self._heard and (why := failures.unreachable(error, self._role, url)):
            raise RejectedError(f"{url}: {why}")
        return self._endpoint.scrub(f"the connection failed ({failures.cause(error)})")
