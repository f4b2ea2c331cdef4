"""Any OpenAI-compatible server, over chat.completions."""

from __future__ import annotations

import email.utils
import logging
import math
import random
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import openai
import tenacity

from lai.core.errors import PipelineError
from lai.core.params.runtime import EndpointParams
from lai.engines.base import Reply, Request
from lai.engines.openai import pool
from lai.engines.openai.dialect import Dialect, MalformedError, parse, said
from lai.engines.openai.endpoint import resolve

log = logging.getLogger(__name__)

CONNECT_SECONDS = 10.0
_RETRIED = (408, 409, 429)
_ADAPTED = (400, 404, 422, 500, 501)
_OUT_OF_CREDIT = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_FILTERED = ("content_filter", "content_policy_violation")


class _TransientError(Exception):
    """A failure that the next attempt may not meet. `retry_after`: seconds, as the server asked."""

    def __init__(self, problem: str, retry_after: float | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class OpenAIEngine:
    """Asks an OpenAI-compatible server, `endpoint.concurrency` requests at a time.

    `role` names the params section (runtime.`role`) in messages; a `provider` other than OpenAI
    needs a URL. `backoff`: seconds before the first retry, doubled with each; `longest_wait`:
    seconds that no single wait exceeds, whatever Retry-After says. A refused connection is retried
    (a server that restarts) once the server has answered anything; before that nobody listens
    there, and no waiting mends a wrong URL.

    Raises: PipelineError when the URL is none or the key is missing.
    """

    commit_every = 1

    def __init__(
        self,
        endpoint: EndpointParams,
        role: str = "instructor",
        provider: str = "",
        *,
        backoff: float = 1.0,
        longest_wait: float = 120.0,
    ) -> None:
        self._params = endpoint
        self._role = role
        self._backoff = backoff
        self._longest_wait = longest_wait
        self._endpoint = resolve(endpoint, role, provider)
        self._exponential = tenacity.wait_exponential(multiplier=backoff, max=longest_wait)
        self._dialect = Dialect()
        self._heard = self._waited = False
        self._client = openai.OpenAI(
            api_key=self._endpoint.key,
            base_url=self._endpoint.url,
            timeout=openai.Timeout(
                endpoint.timeout, connect=min(CONNECT_SECONDS, endpoint.timeout)
            ),
            max_retries=0,
        )

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """Yield one reply a request, as they finish.

        Raises: PipelineError when the server refuses, or fails for good; the replies that were in
        flight are yielded before.
        """
        return self.stream(requests)

    def stream(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Like `generate`, but takes each request from the iterable only when it can send it."""
        return pool.as_finished(self._answer, requests, self._params.concurrency)

    def _answer(self, request: Request, stopping: threading.Event) -> Reply:
        """Ask until there is an answer, the retries are used up, or the run is stopping."""

        def attempt() -> Reply:
            if stopping.is_set():
                raise PipelineError(f"{self._endpoint.url}: not asked again, the run is stopping")
            return self._ask(request)

        attempts = self._params.max_retries + 1
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_TransientError),
            stop=tenacity.stop_after_attempt(attempts),
            wait=self._pause,
            sleep=tenacity.sleep_using_event(stopping),
            before_sleep=self._say_once,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except _TransientError as error:
            raise PipelineError(
                f"{self._endpoint.url}: {error} (attempt {attempts} of {attempts}); answers "
                "already received are kept, and a rerun goes on from there. Check the server and "
                f"runtime.{self._role} (base_url, timeout, max_retries)"
            ) from None

    def _say_once(self, state: tenacity.RetryCallState) -> None:
        """Say that a run waits, the first time that it does: silence looks like hanging."""
        if not self._waited:
            self._waited = True
            error = state.outcome.exception() if state.outcome else None
            log.warning("%s: %s; trying again, with growing pauses", self._endpoint.url, error)

    def _pause(self, state: tenacity.RetryCallState) -> float:
        """Seconds to wait: what the server asked for, else doubled each time; both with jitter.

        The jitter keeps requests that failed together from returning together.
        """
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _TransientError) and error.retry_after is not None:
            asked = min(error.retry_after, self._longest_wait)
            return asked + random.uniform(0, min(self._backoff, 0.1 * asked))
        return self._exponential(state) * random.uniform(0.5, 1)

    def _ask(self, request: Request) -> Reply:
        """One answer, in the richest form that the endpoint was found to accept."""
        while True:
            body = self._dialect.body(request)
            try:
                return parse(request.key, self._send(body))
            except MalformedError as error:
                raise _TransientError(self._endpoint.scrub(str(error))) from None
            except openai.APIStatusError as error:
                if error.code in _FILTERED:
                    return Reply(request_key=request.key, text="", stop_reason="content_filter")
                if _too_long(error):
                    # One item's matter, not the run's: it is recorded as cut off.
                    return Reply(request_key=request.key, text="", stop_reason="length")
                given_up = None
                if error.status_code in _ADAPTED:
                    given_up = self._dialect.adapt(body, error.body)
                if given_up is None:
                    raise self._judged(error, request) from None
                log.warning(
                    "%s does not accept %s, going on without: %s",
                    self._endpoint.url,
                    given_up,
                    self._endpoint.scrub(said(error.body)),
                )

    def _send(self, body: dict[str, Any]) -> str:
        """Send one request and return the text of the answer."""
        try:
            text = self._client.chat.completions.with_raw_response.create(**body).text
            self._heard = True
            return text
        except openai.APIStatusError:
            self._heard = True
            raise
        except openai.APITimeoutError:
            raise _TransientError(f"no answer within {self._params.timeout:g} s") from None
        except openai.APIConnectionError as error:
            if not self._heard and _refused(error):
                raise PipelineError(
                    f"{self._endpoint.url}: nobody listens there (connection refused); start the "
                    f"server, or mend runtime.{self._role}.base_url"
                ) from None
            cause = error.__cause__
            problem = self._endpoint.scrub(f"{type(cause).__name__}: {cause}" if cause else "")
            raise _TransientError(f"the connection failed ({problem})") from None

    def _judged(self, error: openai.APIStatusError, request: Request) -> Exception:
        """What an error status means: worth another attempt, or for the user to mend."""
        status = error.status_code
        words = self._endpoint.scrub(said(error.body))
        problem = f"HTTP {status}{f', {words}' if words else ''}"
        broke = error.code in _OUT_OF_CREDIT or error.type in _OUT_OF_CREDIT
        if (status in _RETRIED or status >= 500) and not broke:
            return _TransientError(problem, _retry_after(error.response.headers))
        variable = self._params.api_key_env
        if broke or status == 402:
            mend = f"the account behind {variable} has no credit left: add some"
        elif status == 401:
            mend = f"put a valid key into {variable} (the environment, or .env)"
        elif status == 403:
            mend = f"the key in {variable} lacks the right to do this, or to use {request.model}"
        elif "model" in words.lower() and status in (400, 404):
            mend = f"check {self._role}.model ({request.model}) and {self._role}.max_tokens"
        elif status == 404:
            mend = f"check runtime.{self._role}.base_url (most end in /v1)"
        else:
            mend = f"the server does not take the request; check the params of {self._role}"
        return PipelineError(
            f"{self._endpoint.url}: {problem}; {mend}; answers already received are kept"
        )


def _refused(error: BaseException) -> bool:
    """Whether a refused connection is at the bottom of `error`, which HTTP libraries wrap."""
    below: BaseException | None = error
    while below is not None and not isinstance(below, ConnectionRefusedError):
        below = below.__cause__ or below.__context__
    return below is not None


def _too_long(error: openai.APIStatusError) -> bool:
    """Whether the prompt does not fit: OpenAI's code, or vLLM's and llama.cpp's words for it."""
    words = said(error.body).lower()
    return error.status_code in (400, 413) and (
        error.code == "context_length_exceeded"
        or "maximum context length" in words
        or "exceeds the available context size" in words
    )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by Retry-After (a number or an HTTP date) or retry-after-ms, if given."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "")
        try:
            seconds = float(value) * unit
        except ValueError:
            try:
                seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
            except (ValueError, OverflowError):
                continue
        if not math.isnan(seconds):
            return max(0.0, seconds)
    return None
