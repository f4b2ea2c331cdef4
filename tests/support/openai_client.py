"""An engine and a request, for tests against the server on loopback."""

from __future__ import annotations

from typing import Any

from lai.core.params.runtime import EndpointParams
from lai.engines.base import Reply, Request
from lai.engines.openai.engine import OpenAIEngine
from tests.support.openai_server import Server, completion

OK = completion("fine")


def engine_for(url: str, longest_wait: float = 5.0, **params: Any) -> OpenAIEngine:
    """An engine that retries thrice, and soon."""
    endpoint = EndpointParams(base_url=url, **{"max_retries": 3, **params})
    return OpenAIEngine(endpoint, backoff=0.01, longest_wait=longest_wait)


def request(text: str = "why?", **fields: Any) -> Request:
    """A request with one message."""
    return Request(
        provider="test",
        model="model-1",
        messages=[{"role": "user", "content": text}],
        **{"max_tokens": 50, **fields},
    )


def ask(server: Server, asked: Request | None = None, **params: Any) -> Reply:
    """What a new engine makes of one request."""
    (reply,) = engine_for(server.url, **params).generate([asked or request()])
    return reply
