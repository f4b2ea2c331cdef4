"""Any OpenAI-compatible server, over chat.completions."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import httpx2
import openai
import tenacity

from lai.core.errors import PipelineError
from lai.core.params.runtime import EndpointParams
from lai.engines.base import Reply, Request
from lai.engines.openai import failures
from lai.engines.openai.account import Account
from lai.engines.openai.client import client
from lai.engines.openai.dialect import Dialect, MalformedError, parse, said
from lai.engines.openai.endpoint import check_price, resolve
from lai.engines.openai.failures import BUSY, GAVE_UP, TransientError
from lai.engines.openai.flight import Loop, Stopping, as_finished
from lai.engines.openai.headers import exhausted_for, retry_after
from lai.engines.openai.throttle import Throttle
from lai.engines.store.ledger import Ledger

log = logging.getLogger(__name__)

AHEAD = 8
"""For so many in flight one more is at hand, so that a place is not empty until it is brought."""


class OpenAIEngine:
    """Asks an OpenAI-compatible server, as many requests at a time as it bears.

    At most `endpoint.concurrency`, and fewer while the server refuses for load; see `Throttle`.

    `role` names the params section (runtime.`role`) in messages; a `provider` other than OpenAI
    needs a URL. `backoff`: seconds before the first retry, doubled with each; `longest_wait`:
    seconds that no single wait exceeds, whatever Retry-After says. A refused connection is retried
    (a server that restarts) once the server has answered anything; before that nobody listens
    there, and no waiting mends a wrong URL; nor does it an unknown host or a certificate.
    `ledger`: where each call is written down, and below whose caps all stay.

    Raises: PipelineError when the URL is none or the key is missing, or a cost is capped that
    nobody can count.
    """

    commit_every = 1

    def __init__(
        self,
        endpoint: EndpointParams,
        role: str = "instructor",
        provider: str = "",
        ledger: Ledger | None = None,
        *,
        backoff: float = 1.0,
        longest_wait: float = 120.0,
    ) -> None:
        self._params = endpoint
        self._role = role
        self._backoff = backoff
        self._longest_wait = longest_wait
        self._endpoint = resolve(endpoint, role, provider)
        self._account = Account(ledger, endpoint, role) if ledger else None
        if ledger:
            check_price(self._endpoint, endpoint, role, ledger.budget)
        self._exponential = tenacity.wait_exponential(multiplier=backoff, max=longest_wait)
        self._dialect = Dialect()
        self._heard = self._waited = False
        self._throttle = Throttle(
            endpoint.concurrency, endpoint.requests_per_minute, endpoint.tokens_per_minute
        )
        self._reply_tokens = 0.0

    @functools.cached_property
    def _client(self) -> openai.AsyncOpenAI:
        return client(self._endpoint, self._params)

    @functools.cached_property
    def _loop(self) -> Loop:
        return Loop(last=self._client.close)

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """Yield one reply a request, as they finish.

        Raises: PipelineError when the server refuses, or fails for good; the replies that were in
        flight are yielded before.
        """
        for replies in self.stream(requests):
            yield from replies

    def stream(self, requests: Iterable[Request]) -> Iterator[list[Reply]]:
        """Like `generate`, but takes each request only when it can soon send it; in groups."""
        return as_finished(self._loop, self._answer, requests, self._at_hand)

    def _at_hand(self) -> int:
        """How many requests may be sent, or wait for their turn."""
        return self._throttle.width + self._throttle.width // AHEAD

    async def _answer(self, request: Request, stopping: Stopping) -> Reply:
        """Ask until there is an answer, the retries are used up, or the run is stopping."""

        async def attempt() -> Reply:
            first = attempts > 1 and retrying.statistics["attempt_number"] == 1
            return await self._ask(request, stopping, first)

        attempts = self._params.max_retries + 1
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            stop=tenacity.stop_after_attempt(attempts),
            wait=self._pause,
            sleep=stopping.sleep,
            before_sleep=self._say_once,
            reraise=True,
        )
        try:
            return await retrying(attempt)
        except TransientError as error:
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
        """Seconds to wait: doubled each time, or what the server asked for where that is longer.

        The jitter keeps requests that failed together from returning together.
        """
        error = state.outcome.exception() if state.outcome else None
        asked = (error.retry_after if isinstance(error, TransientError) else None) or 0.0
        asked = min(asked, self._longest_wait)
        asked += random.uniform(0, min(self._backoff, 0.1 * asked))
        return max(asked, self._exponential(state) * random.uniform(0.5, 1))

    async def _ask(self, request: Request, stopping: Stopping, first: bool) -> Reply:
        """One answer, in the richest form that the endpoint was found to accept.

        `first`: whether this is the first of several attempts.
        """
        while True:
            body = self._dialect.body(request)
            try:
                return await self._send(request, body, stopping)
            except MalformedError as error:
                raise TransientError(self._endpoint.scrub(str(error))) from None
            except openai.APIStatusError as error:
                if (reply := failures.item(request.key, error)) is not None:
                    return reply
                given_up = None
                if failures.adaptable(error.status_code, first):
                    given_up = self._dialect.adapt(body, error.body)
                if given_up is None:
                    raise failures.judged(
                        error, request, self._endpoint, self._params, self._role
                    ) from None
                log.warning(
                    "%s does not accept %s, going on without: %s",
                    self._endpoint.url,
                    given_up,
                    self._endpoint.scrub(said(error.body)),
                )

    async def _send(self, request: Request, body: dict[str, Any], stopping: Stopping) -> Reply:
        """Send one request, when there is money for it and its turn has come; read the answer."""
        with contextlib.ExitStack() as stack:
            permit = stack.enter_context(
                await self._throttle.start(self._expected(request), stopping)
            )
            if stopping:
                raise PipelineError(f"{self._endpoint.url}: not asked, the run is stopping")
            # Last, so that nothing counts as spent by a run that is killed while it waits.
            call = None
            if self._account is not None:
                call = stack.enter_context(await self._account.reserve(request, stopping))
            try:
                async with asyncio.timeout(self._params.timeout):
                    # Not chat.completions.create, which spends as long on the types of its
                    # arguments as on all the rest.
                    answer = await self._client.post(
                        "/chat/completions", cast_to=httpx2.Response, body=body
                    )
                self._heard = True
                self._hold(exhausted_for(answer.headers))
                reply = self._endpoint.secret.kept(parse(request.key, answer.text))
            except openai.APIStatusError as error:
                self._heard = True
                if call and error.status_code not in GAVE_UP:
                    call.refused()
                if error.status_code in BUSY:
                    permit.refused()
                    self._hold(retry_after(error.response.headers))
                raise
            except failures.LOST as error:
                if call and failures.never_sent(error):
                    call.never_sent()
                if failures.timed_out(error):
                    permit.refused()
                raise self._lost(error) from None
            if call:
                call.answered(reply.usage)
            permit.answered(reply.usage.total)
            share = 1 / 20 if self._reply_tokens else 1
            self._reply_tokens += (reply.usage.completion_tokens - self._reply_tokens) * share
            return reply

    def _lost(self, error: Exception) -> Exception:
        """What is to be said of a request to which no answer came."""
        if failures.timed_out(error):
            return TransientError(f"no answer within {self._params.timeout:g} s")
        url = self._endpoint.url
        if not self._heard and (why := failures.unreachable(error, self._role, url)):
            return PipelineError(f"{url}: {why}")
        problem = self._endpoint.scrub(failures.cause(error))
        return TransientError(f"the connection failed ({problem})")

    def _hold(self, seconds: float | None) -> None:
        if seconds:
            self._throttle.hold(min(seconds, self._longest_wait))

    def _expected(self, request: Request) -> int:
        """About how many tokens a request takes: by four characters each, and replies so far."""
        asked = sum(len(message["content"]) for message in request.messages) // 4
        return asked + int(self._reply_tokens or request.max_tokens / 4)
