"""The JSON Lines of the Batch API: requests in, and what became of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx2
import openai

from lai.core import jsonl
from lai.core.records import Usage
from lai.engines.base import Reply, Request
from lai.engines.openai import failures
from lai.engines.openai.dialect import Dialect, MalformedError, parse, said

PATH = "/v1/chat/completions"
MOST_REQUESTS, MOST_BYTES = 50_000, 200_000_000
"""In one file, by OpenAI's documentation."""

_NEVER_SENT = ("batch_expired", "batch_cancelled")
Billed = Literal["usage", "perhaps", "never"]


@dataclass(frozen=True)
class Outcome:
    """What became of one request.

    `billed`: by the usage of its reply (a refusal costs nothing), perhaps in full (nobody says), or
    never, since it was not begun. `again`: whether sending it once more may help; if not, and there
    is no `reply`, the provider refused it. `words` say why there is no reply.
    """

    key: str
    reply: Reply | None = None
    billed: Billed = "usage"
    again: bool = False
    words: str = ""


def line(request: Request, dialect: Dialect) -> bytes:
    """One request as a line of the file to upload."""
    body = dialect.body(request)
    return jsonl.dumps({"custom_id": request.key, "method": "POST", "url": PATH, "body": body})


def parts(
    requests: Iterable[Request], dialect: Dialect, most: int = MOST_REQUESTS
) -> Iterator[list[Request]]:
    """`requests` in parts that fit into one batch each, of one model, at most `most` at a time."""
    part: list[Request] = []
    size = 0
    for request in sorted(requests, key=lambda request: request.model):
        more = len(line(request, dialect))
        full = len(part) >= most or size + more > MOST_BYTES
        if part and (full or part[0].model != request.model):
            yield part
            part, size = [], 0
        part.append(request)
        size += more
    if part:
        yield part


def write(path: Path, requests: Sequence[Request], dialect: Dialect) -> None:
    """The file to upload."""
    with jsonl.replacing(path) as file:
        file.writelines(line(request, dialect) for request in requests)


class Reader:
    """Reads the answers to `requests`, and learns from refusals what the endpoint accepts.

    `first`: whether they were sent for the first time, and may be sent again.
    `seen`: the keys of the requests that a line told of. `strange`: how many lines were no JSON,
    answered nothing that was asked, or answered it again.
    """

    def __init__(self, requests: dict[str, Request], dialect: Dialect, first: bool) -> None:
        self._requests = requests
        self._first = first
        self._dialect = dialect
        self._given_up: set[str] = set()
        self.seen: set[str] = set()
        self.strange = 0

    def read(self, path: Path, keys: set[str]) -> Iterator[Outcome]:
        """The outcome of each of `keys` that a line of the file at `path` tells of."""
        with path.open("rb") as file:
            for raw in file:
                if not raw.strip():
                    continue
                found = _object(raw)
                key = found.get("custom_id")
                if not isinstance(key, str) or key not in keys or key in self.seen:
                    self.strange += 1
                    continue
                self.seen.add(key)
                yield self._outcome(key, found)

    def _outcome(self, key: str, found: dict[str, Any]) -> Outcome:
        response, error = found.get("response"), found.get("error")
        if not isinstance(response, dict):
            code = error.get("code") if isinstance(error, dict) else None
            never = code in _NEVER_SENT
            return Outcome(key, None, "never" if never else "perhaps", True, said(error))
        status, body = response.get("status_code"), response.get("body")
        if not isinstance(status, int) or status >= 400:
            return self._failed(key, status if isinstance(status, int) else 500, body)
        try:
            reply = parse(key, json.dumps(body))
        except MalformedError as malformed:
            return Outcome(key, None, "perhaps", True, str(malformed))
        return Outcome(key, reply, "perhaps" if reply.usage == Usage() else "usage")

    def _failed(self, key: str, status: int, body: Any) -> Outcome:
        inner = body.get("error", body) if isinstance(body, dict) else body
        words = f"HTTP {status}, {said(body)}"
        response = httpx2.Response(status, request=httpx2.Request("POST", PATH))
        error = openai.APIStatusError(words, response=response, body=inner)
        billed: Billed = "perhaps" if status in failures.GAVE_UP else "usage"
        if (reply := failures.item(key, error)) is not None:
            return Outcome(key, reply, billed)
        again = self._adapted(key, status, inner) or failures.passes(status)
        return Outcome(key, None, billed, again, words)

    def _adapted(self, key: str, status: int, complaint: Any) -> bool:
        """Whether the request may be sent again without what the endpoint complains of."""
        request = self._requests.get(key)
        if not failures.adaptable(status, self._first) or request is None:
            return False
        # Other lines may have complained of the same: it was given up by then, and only once.
        name = Dialect().adapt(Dialect().body(request), complaint)
        if name is None or name in self._given_up:
            return name is not None
        if self._dialect.adapt(self._dialect.body(request), complaint) is None:
            return False
        self._given_up.add(name)
        return True


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
