"""The calls of the Batch API, each of which has its effect once whatever the network does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
from openai.types import Batch

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.params.runtime import EndpointParams
from lai.engines.base import Reply
from lai.engines.openai.batch_calls import Calls, MalformedError, RejectedError
from lai.engines.openai.batch_state import Shipment
from lai.engines.openai.dialect import LONGEST, said
from lai.engines.openai.endpoint import Endpoint

CONNECT_SECONDS = 10.0
OUTAGE = 60
"""Further attempts to hear of a batch under way, for an hour: it goes on whatever we hear."""


class BatchApi:
    """Files and batches of one account. `pause`: seconds before the first repetition of a call.

    Raises: PipelineError, in every method, when the server refuses or fails for good.
    """

    def __init__(self, endpoint: Endpoint, params: EndpointParams, role: str, pause: float) -> None:
        self._calls = Calls(endpoint, params, role, pause)
        self._endpoint = endpoint
        timeout = openai.Timeout(params.timeout, connect=min(CONNECT_SECONDS, params.timeout))
        # The library would send once more what may have arrived: a second upload, a second batch.
        client = openai.OpenAI(
            api_key=endpoint.key,
            base_url=endpoint.url,
            timeout=timeout,
            max_retries=0,
            # Prompts go to the server that the user named, and to no other.
            http_client=openai.DefaultHttpxClient(follow_redirects=False),
        )
        # Raw: it takes for granted that what comes is what was asked for.
        self._files = client.files.with_raw_response
        self._batches = client.batches.with_raw_response
        self._contents = client.files.with_streaming_response

    def upload(self, shipment: Shipment, path: Path) -> str:
        """Upload the requests of `shipment` at `path`; returns the file's id."""

        def send() -> str:
            with path.open("rb") as file:
                named = (_filename(shipment), file)
                return _id(_read(self._files.create(file=named, purpose="batch").text))

        return self._calls.make(send, lambda: self.find_file(shipment))

    def find_file(self, shipment: Shipment) -> str | None:
        """The id of the shipment's file, if it was uploaded."""

        def page(after: str | openai.Omit) -> str:
            return self._files.list(purpose="batch", after=after).text

        def look() -> str | None:
            found = (_id(file) for file in _all(page) if file.get("filename") == name)
            return next(found, None)

        name = _filename(shipment)
        return self._calls.make(look)

    def delete_file(self, shipment: Shipment) -> None:
        """Delete the shipment's file, which no batch uses."""
        self._calls.make(lambda: self._files.delete(shipment.file))

    def create(self, shipment: Shipment) -> str:
        """Start the batch of the uploaded `shipment`; returns its id."""

        def send() -> str:
            batch = self._batches.create(
                input_file_id=shipment.file,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata={"lai": shipment.name, "keys": shipment.digest},
            )
            return _id(_read(batch.text))

        return self._calls.make(send, lambda: self.find_batch(shipment))

    def find_batch(self, shipment: Shipment) -> str | None:
        """The id of the shipment's batch, if it was started."""

        def page(after: str | openai.Omit) -> str:
            return self._batches.list(limit=100, after=after).text

        def look() -> str | None:
            for batch in _all(page):
                if (batch.get("metadata") or {}).get("lai") == shipment.name:
                    return _id(batch)
            return None

        return self._calls.make(look)

    def state(self, shipment: Shipment) -> Batch:
        """How far its batch is."""

        def look() -> Batch:
            batch = _read(self._batches.retrieve(shipment.batch).text)
            if not isinstance(batch.get("status"), str):
                raise MalformedError(f"no batch: {said(batch)[:LONGEST]}")
            return Batch.construct(**batch)

        try:
            return self._calls.make(look, more=OUTAGE)
        except RejectedError as error:
            raise _gone(error, shipment) from None

    def download(self, shipment: Shipment, file: str, path: Path) -> None:
        """Fetch a file with answers to `path`."""

        def fetch() -> None:
            with (
                jsonl.replacing(path) as kept,
                self._contents.content(file) as response,
            ):
                for data in response.iter_bytes():
                    kept.write(data)

        try:
            self._calls.make(fetch, more=OUTAGE)
        except RejectedError as error:
            raise _gone(error, shipment) from None

    def scrub(self, text: str) -> str:
        """`text` as it may be shown."""
        return self._endpoint.scrub(text)

    def kept(self, reply: Reply) -> Reply:
        """`reply` as it may be stored."""
        return self._endpoint.secret.kept(reply)


def _gone(error: RejectedError, shipment: Shipment) -> PipelineError:
    """What to say when the server does not know (any more) what it was paid for."""
    if error.status != 404:
        return error
    return PipelineError(
        f"{shipment.url} does not know batch {shipment.batch}, or its answers, with this key: give "
        f"back the key that sent it, or remove .cache/batches/{shipment.name}.json to send (and "
        "pay) its requests once more"
    )


def _read(text: str) -> dict[str, Any]:
    """The object in an answer. Raises: MalformedError when there is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise MalformedError(
            f"the answer is no JSON object but {said(text)[:LONGEST] or 'nothing'}"
        )
    return value


def _id(value: dict[str, Any]) -> str:
    if not isinstance(value.get("id"), str):
        raise MalformedError(f"the answer has no id: {said(value)[:LONGEST]}")
    return str(value["id"])


def _all(page: Callable[[str | openai.Omit], str]) -> Iterator[dict[str, Any]]:
    """Every object of a list, page after page."""
    after: str | openai.Omit = openai.omit
    while True:
        value = _read(page(after))
        objects = value.get("data")
        if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
            raise MalformedError(f"the answer is no list: {said(value)[:LONGEST]}")
        yield from objects
        if not objects or not value.get("has_more"):
            return
        after = _id(objects[-1])


def _filename(shipment: Shipment) -> str:
    return f"{shipment.name}.jsonl"
