"""The library's client as this engine uses it: no retries, no redirects, no body without end."""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from lai.core.params.runtime import EndpointParams
from lai.engines.openai import surroundings
from lai.engines.openai.endpoint import Endpoint

CONNECT_SECONDS = 10.0
MOST_BYTES = 64 << 20
MOST_COMPRESSED = 512 << 10
"""Of a compressed body, which may grow a thousandfold; 500,000 tokens of text fit."""


def client(endpoint: Endpoint, params: EndpointParams) -> openai.AsyncOpenAI:
    """The library's client, which retries nothing by itself; aiohttp takes half of httpx's time."""
    common: dict[str, Any] = {
        "api_key": endpoint.key,
        "base_url": endpoint.url,
        "timeout": openai.Timeout(params.timeout, connect=min(CONNECT_SECONDS, params.timeout)),
        "max_retries": 0,
        "http_client": openai.DefaultAioHttpClient(
            # Prompt and key go to the server that the user named, and to no other.
            follow_redirects=False,
            mounts=surroundings.mounts(),
            event_hooks={"response": [_bound, _readable]},
        ),
    }
    made: openai.AsyncOpenAI
    if params.api_version:
        made = openai.AsyncAzureOpenAI(api_version=params.api_version, **common)
    else:
        made = openai.AsyncOpenAI(**common)
    if not f".{urlsplit(endpoint.url).hostname}".endswith(".openai.com"):
        # Taken from OPENAI_ORG_ID and OPENAI_PROJECT_ID; an empty argument would be sent as it is.
        made.organization = made.project = None
    return made


async def _readable(response: httpx2.Response) -> None:
    if not _decodes(response.encoding or ""):
        response.encoding = "utf-8"  # JSON is always that (RFC 8259, 8.1)


def _decodes(charset: str) -> bool:
    """Whether the charset that a server names is one of text; others raise all sorts of errors."""
    try:
        return codecs.getincrementaldecoder(charset)("replace").decode(b"{}", True) == "{}"
    except (LookupError, ValueError, TypeError, AssertionError):
        return False


async def _bound(response: httpx2.Response) -> None:
    if response.is_success and response.request.url.path.endswith("/content"):
        return  # a file of the Batch API, which goes to disk as it comes
    compressed = response.headers.get("content-encoding", "identity") != "identity"
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    response.stream = _Bounded(response.stream, MOST_COMPRESSED if compressed else MOST_BYTES)


class _Bounded(httpx2.AsyncByteStream):
    """A body that fails where it is longer than `most` bytes, before they fill the memory."""

    def __init__(self, stream: httpx2.AsyncByteStream, most: int) -> None:
        self._stream = stream
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most
        async for part in self._stream:
            left -= len(part)
            if left < 0:
                raise httpx2.ReadError(f"the answer has more than {self._most >> 10:,} KiB")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
