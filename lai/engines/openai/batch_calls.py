"""Calls that are repeated when they fail in passing, but have their effect once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import httpx2
import openai

from lai.core.errors import PipelineError
from lai.core.params.runtime import EndpointParams
from lai.engines.openai import failures
from lai.engines.openai.dialect import said
from lai.engines.openai.endpoint import Endpoint
from lai.engines.openai.headers import retry_after

log = logging.getLogger(__name__)

LONGEST_WAIT = 120.0
"""Seconds that no wait exceeds, whatever Retry-After says."""
LONGEST_PAUSE = 60
"""In units of the first one."""
_RETRIED = (408, 409, 429)
_OUT_OF_CREDIT = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")

T = TypeVar("T")


class MalformedError(Exception):
    """An answer of another shape than documented."""


class RejectedError(PipelineError):
    """The server says no, and another attempt would hear the same. `status`: of HTTP, or 0."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Calls:
    """Makes calls to an endpoint. `pause`: seconds before the first repetition, then doubled."""

    def __init__(self, endpoint: Endpoint, params: EndpointParams, role: str, pause: float) -> None:
        self._endpoint = endpoint
        self._params = params
        self._role = role
        self._pause = pause
        self._heard = False

    def make(
        self,
        call: Callable[[], T],
        done: Callable[[], T | None] = lambda: None,
        more: int = 0,
    ) -> T:
        """What `call` returns, tried again when it fails in passing.

        `done`: looks, before `call` is repeated, whether the first attempt arrived after all.
        `more`: attempts beyond those of the params.

        Raises: PipelineError when all fail; RejectedError when another attempt would be in vain.
        """
        attempts = self._params.max_retries + 1 + more
        pause = self._pause
        for attempt in range(1, attempts + 1):
            if attempt > 1 and (found := done()) is not None:
                return found
            try:
                answer = call()
                self._heard = True
                return answer
            except openai.APIStatusError as error:
                self._heard = True
                problem = self._passing(error)
                asked = retry_after(error.response.headers) or 0.0
                pause = max(pause, min(asked, LONGEST_WAIT))
            except openai.APITimeoutError:
                problem = f"no answer within {self._params.timeout:g} s"
            except (openai.APIConnectionError, httpx2.RequestError) as error:
                problem = self._lost(error)
            except MalformedError as error:
                problem = self._endpoint.scrub(str(error))
            if attempt < attempts:
                if attempt == 1:
                    log.warning("%s: %s; trying again for a while", self._endpoint.url, problem)
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE * self._pause)
        raise PipelineError(
            f"{self._endpoint.url}: {problem} (attempt {attempts} of {attempts}); what is under "
            "way there goes on, and a rerun picks it up. Check the server and "
            f"runtime.{self._role} (base_url, timeout, max_retries)"
        )

    def _lost(self, error: Exception) -> str:
        """A lost connection in words. Raises: RejectedError when nobody ever listened there."""
        if not self._heard and (why := failures.unreachable(error, self._role)):
            raise RejectedError(f"{self._endpoint.url}: {why}")
        return self._endpoint.scrub(f"the connection failed ({failures.cause(error)})")

    def _passing(self, error: openai.APIStatusError) -> str:
        """The problem in words, if another attempt may not meet it. Raises: RejectedError."""
        status = error.status_code
        words = self._endpoint.scrub(said(error.body))
        problem = f"HTTP {status}{f', {words}' if words else ''}"
        broke = {error.code, error.type} & set(_OUT_OF_CREDIT)
        if (status in _RETRIED or status >= 500) and not broke:
            return problem
        variable = self._params.api_key_env
        if 300 <= status < 400:
            mend = f"it has moved; mend runtime.{self._role}.base_url: nothing is sent elsewhere"
        elif broke or status == 402:
            mend = f"the account behind {variable} has no credit left: add some"
        elif status in (401, 403):
            mend = (
                f"put a key that may use the Batch API into {variable} (the environment, or .env)"
            )
        elif status in (404, 405):
            mend = (
                f"without /files and /batches there (runtime.{self._role}.base_url) only "
                f"{self._role}.mode: live works"
            )
        else:
            mend = f"the server does not take the batch; check the params of {self._role}"
        line = f"{self._endpoint.url}: {problem}; {mend}; answers already received are kept"
        raise RejectedError(line, status)
