"""What the errors of a server mean: worth another attempt, one item's matter, or the user's."""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator

import aiohttp
import httpx2
import openai

from lai.core.errors import PipelineError
from lai.core.params.runtime import EndpointParams
from lai.engines.base import Reply, Request
from lai.engines.openai import surroundings
from lai.engines.openai.dialect import said
from lai.engines.openai.endpoint import Endpoint
from lai.engines.openai.headers import retry_after

BUSY = (429, 500, 502, 503, 504, 529)
"""Statuses of a server that has too much to do, or is in trouble: fewer requests help it."""
GAVE_UP = (408, 504, 524)
"""Statuses of one in between that waited in vain: the model may have answered, and be billed."""
_ADAPTABLE = (400, 404, 422, 501)
_NO_MODEL = re.compile(
    r"\bmodel\b(?:(?!: ).){0,80}"
    r"\b(not (found|exist|known|available|a valid|have access)|unknown|no access)\b"
    r"|\b(unknown|invalid|unsupported|no such|not a valid|no|access to) models?\b",
    re.IGNORECASE | re.DOTALL,
)
LOST = (
    *(TimeoutError, openai.APIConnectionError, aiohttp.ClientError, httpx2.RequestError),
    UnicodeEncodeError,
)
"""What libraries raise where no answer came, or none that they can read: the last is raised for a
reason after the status that is no UTF-8."""
PROXY_WANTS_LOGIN = 407
_MOVED = (301, 302, 303, 307, 308)
_RETRIED = (408, 409, 429)
_NEVER = (501, 505)
"""Not implemented, be it what is asked for or the version of HTTP: no waiting mends that."""
_OUT_OF_CREDIT = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_UNKNOWN_HOST = (socket.EAI_NONAME, socket.EAI_NODATA)
_FILTERED = ("content_filter", "content_policy_violation")


class RejectedError(PipelineError):
    """The server says no, and another attempt would hear the same. `status`: of HTTP, or 0."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class TransientError(Exception):
    """A failure that the next attempt may not meet. `retry_after`: seconds, as the server asked."""

    def __init__(self, problem: str, retry_after: float | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


def item(key: str, error: openai.APIStatusError) -> Reply | None:
    """The reply that a refusal of the question with this key amounts to, if it is about it alone.

    A prompt that does not fit, or that a filter stopped, is recorded as such: no run ends by it.
    """
    if error.code in _FILTERED:
        return Reply(request_key=key, text="", stop_reason="content_filter")
    if _too_long(error):
        return Reply(request_key=key, text="", stop_reason="length")
    return None


def passes(status: int) -> bool:
    """Whether the next attempt may not meet this status of HTTP."""
    return status in _RETRIED or (status >= 500 and status not in _NEVER)


def adaptable(status: int, first: bool) -> bool:
    """Whether it may be worth sending a request again without the parameter that is complained of.

    A 500 at the `first` of several attempts may pass by itself, whatever its words: to give up a
    parameter is for good.
    """
    return status in _ADAPTABLE or (status == 500 and not first)


def judged(
    error: openai.APIStatusError,
    request: Request | None,
    endpoint: Endpoint,
    params: EndpointParams,
    role: str,
) -> TransientError | RejectedError:
    """Whether it may pass, or what the user has to mend. `request`: none is of the Batch API."""
    status = error.status_code
    words = endpoint.scrub(said(error.body))
    problem = f"HTTP {status}{f', {words}' if words else ''}"
    broke = error.code in _OUT_OF_CREDIT or error.type in _OUT_OF_CREDIT
    if passes(status) and not broke:
        return TransientError(problem, retry_after(error.response.headers))
    variable = params.api_key_env
    if status in _MOVED:
        problem = f"HTTP {status}, it has moved to {_place(error, endpoint)}"
        mend = (
            f"mend runtime.{role}.base_url: requests are sent, and the key shown, to no other "
            "address"
        )
    elif broke or status == 402:
        mend = f"the account behind {variable} has no credit left: add some"
    elif status == PROXY_WANTS_LOGIN:
        via = surroundings.proxy(endpoint.url) or "the variable that names it"
        mend = f"a proxy wants a user and a password: put them into {via}"
    elif request is None:
        mend = _mend_batch(status, variable, role)
    elif status == 401:
        mend = f"put a valid key into {variable} (the environment, or .env)"
    elif status == 403:
        mend = f"the key in {variable} lacks the right to do this, or to use {request.model}"
    elif _NO_MODEL.search(words) if status == 400 else status == 404 and "model" in words.lower():
        mend = f"check {role}.model ({request.model})"
    elif status == 404:
        mend = f"check runtime.{role}.base_url (most end in /v1)"
    else:
        mend = f"the server does not take the request; check the params of {role}"
    line = f"{endpoint.url}: {problem}; {mend}; answers already received are kept"
    return RejectedError(line, status)


def _mend_batch(status: int, variable: str, role: str) -> str:
    if status in (401, 403):
        return f"put a key that may use the Batch API into {variable} (the environment, or .env)"
    if status in (404, 405, 501):
        return (
            f"check runtime.{role}.base_url (most end in /v1): without /files and /batches there "
            f"only {role}.mode: live works"
        )
    return f"the server does not take the batch; check the params of {role}"


def unreachable(error: BaseException, role: str, url: str) -> str | None:
    """What is wrong with an address that never answered, if no waiting mends it, and what does.

    HTTP libraries wrap the causes, which lie at the bottom of `error`. Where requests to `url` go
    through a proxy, it is the proxy that refuses a connection, or is not found: the errors tell.
    """
    setting = f"runtime.{role}.base_url"
    via = surroundings.proxy(url)
    through = f"mend {via}, which names it, or add the host of {setting} to NO_PROXY"
    below = [*_below(error)]
    for one in reversed(below):
        if isinstance(one, surroundings.SocksError):
            return str(one)
        if isinstance(one, aiohttp.ClientHttpProxyError) and one.status == PROXY_WANTS_LOGIN:
            return f"the proxy wants a user and a password (HTTP 407); {through}"
        if isinstance(one, ConnectionRefusedError):
            if any(isinstance(above, aiohttp.ClientProxyConnectionError) for above in below):
                return f"no proxy listens (connection refused); {through}"
            return f"nobody listens there (connection refused); start the server, or mend {setting}"
        if isinstance(one, socket.gaierror) and one.errno in _UNKNOWN_HOST:
            if _sought(below) not in ("", httpx2.URL(url).raw_host.decode()):
                return f"no host of the proxy's name is known; {through}"
            return f"no host of this name is known; mend {setting}, or this machine's network"
        if isinstance(one, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not trusted ({one.verify_message}); name the file of its "
                f"authority's in the environment variable SSL_CERT_FILE, or mend {setting}"
            )
        if isinstance(one, ssl.SSLError):
            return f"no TLS connection came about ({one.reason}); mend {setting} (http or https)"
    return None


def _sought(errors: list[BaseException]) -> str:
    """The host whose address was looked up in vain."""
    kind = aiohttp.ClientConnectorDNSError
    return next((one.host for one in errors if isinstance(one, kind)), "")


def timed_out(error: BaseException) -> bool:
    """Whether `error` is about time: the library calls every lost connection a time-out."""
    return any(isinstance(one, TimeoutError) for one in _below(error))


def never_sent(error: BaseException) -> bool:
    """Whether no connection came about, so that no request can have reached anybody.

    A `ClientHttpProxyError` is a proxy's that was asked to connect, and did not.
    """
    kinds = (
        *(aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError),
        *(aiohttp.ClientHttpProxyError, surroundings.SocksError),
    )
    return any(isinstance(one, kinds) for one in _below(error))


def cause(error: BaseException) -> str:
    """What went wrong with a connection, in the words of who noticed first."""
    *_, first = _below(error)
    if isinstance(first, OSError) and not isinstance(first, ssl.SSLError):
        if first.errno is not None and first.errno in errno.errorcode:
            return os.strerror(first.errno)
        return first.strerror or str(first)
    if isinstance(first, UnicodeEncodeError):
        return "the line with its status is no UTF-8"
    # What aiohttp cannot parse it calls "400, message: ...", although no server said 400.
    return f"{type(first).__name__}: {getattr(first, 'message', '') or first}"


def _place(error: openai.APIStatusError, endpoint: Endpoint) -> str:
    return endpoint.scrub(error.response.headers.get("location", "")) or "another address"


def _below(error: BaseException) -> Iterator[BaseException]:
    below: BaseException | None = error
    while below is not None:
        yield below
        below = below.__cause__ or below.__context__


def _too_long(error: openai.APIStatusError) -> bool:
    """Whether the prompt does not fit: OpenAI's code, or vLLM's and llama.cpp's words for it."""
    words = said(error.body).lower()
    return error.status_code in (400, 413) and (
        error.code == "context_length_exceeded"
        or "maximum context length" in words
        or "exceeds the available context size" in words
    )
