"""The calls of the Batch API, each of which has its effect once whatever the network does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import openai
import tenacity
from openai.types import Batch

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.params.runtime import EndpointParams
from lai.engines.base import Reply
from lai.engines.openai.batch_answers import Page, documented, inner, listed, name_of, read
from lai.engines.openai.batch_calls import Calls, MalformedError
from lai.engines.openai.batch_state import Shipment
from lai.engines.openai.client import client
from lai.engines.openai.dialect import LONGEST, said
from lai.engines.openai.endpoint import Endpoint
from lai.engines.openai.failures import RejectedError
from lai.engines.openai.flight import Loop

OUTAGE = 60
"""Further attempts to hear of a batch under way, for an hour: it goes on whatever we hear."""
LOOKS = 5
"""For what a listing may show late, with pauses of 1, 2, 4 and 8 first ones in between."""
SLOWEST = 64 << 10
"""Bytes a second below which a file that is sent or fetched runs into the time-out."""


class _Raw(Protocol):
    @property
    def text(self) -> str: ...


class BatchApi:
    """Files and batches of one account. `pause`: seconds before the first repetition of a call.

    No call takes longer than `params.timeout`, and a second more for each `SLOWEST` of a file.

    Raises: PipelineError, in every method, when the server refuses or fails for good.
    """

    def __init__(self, endpoint: Endpoint, params: EndpointParams, role: str, pause: float) -> None:
        opened = client(endpoint, params)
        self._calls = Calls(Loop(last=opened.close), endpoint, params, role, pause)
        self._endpoint = endpoint
        self._timeout = params.timeout
        # Raw: it takes for granted that what comes is what was asked for.
        self._files = opened.files.with_raw_response
        self._batches = opened.batches.with_raw_response
        self._contents = opened.files.with_streaming_response
        self._patiently = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda found: found is None),
            stop=tenacity.stop_after_attempt(LOOKS),
            wait=tenacity.wait_exponential(multiplier=pause),
            retry_error_callback=lambda _: None,
        )

    async def _text(self, call: Awaitable[_Raw], size: int = 0) -> str:
        """The body of an answer, to a request of `size` bytes."""
        async with asyncio.timeout(self._timeout + size / SLOWEST):
            return (await call).text

    def upload(self, shipment: Shipment, path: Path) -> str:
        """Upload the requests of `shipment` at `path`; returns the file's id."""

        async def send() -> str:
            with path.open("rb") as file:
                named = (_filename(shipment), file)
                call = self._files.create(file=named, purpose="batch")
                return self._name(read(await self._text(call, path.stat().st_size)))

        return self._calls.make(send, lambda _: self.find_file(shipment))

    def find_file(self, shipment: Shipment) -> str | None:
        """The id of the shipment's file, if it was uploaded."""

        async def page(after: str | openai.Omit) -> str:
            return await self._text(self._files.list(purpose="batch", after=after))

        return self._find(page, lambda file: file.get("filename") == _filename(shipment))

    def delete_file(self, shipment: Shipment) -> None:
        """Delete the shipment's file, which no batch uses."""
        self._calls.make(lambda: self._text(self._files.delete(shipment.file)))

    def create(self, shipment: Shipment, doubt: Callable[[], None]) -> str:
        """Start the batch of the uploaded `shipment`; returns its id.

        `doubt` is called before it is started once more although it may have been already.
        """

        async def send() -> str:
            call = self._batches.create(
                input_file_id=shipment.file,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata={"lai": shipment.name, "keys": shipment.digest},
            )
            return self._name(read(await self._text(call)))

        def arrived(perhaps: bool) -> str | None:
            found = self.find_batch(shipment)
            if found is None and perhaps:
                doubt()
            return found

        return self._calls.make(send, arrived)

    def find_batch(self, shipment: Shipment) -> str | None:
        """The id of the shipment's batch, if it was started."""

        async def page(after: str | openai.Omit) -> str:
            return await self._text(self._batches.list(limit=100, after=after))

        return self._find(page, lambda batch: inner(batch, "metadata").get("lai") == shipment.name)

    def _find(self, page: Page, wanted: Callable[[dict[str, Any]], bool]) -> str | None:
        """The id of the first that is `wanted`, once a listing shows it."""

        async def look() -> str | None:
            async for one in listed(page):
                if wanted(one):
                    return self._name(one)
            return None

        return self._patiently(lambda: self._calls.make(look))

    def state(self, shipment: Shipment) -> Batch:
        """How far its batch is."""

        async def look() -> Batch:
            batch = read(await self._text(self._batches.retrieve(shipment.batch)))
            if not isinstance(batch.get("status"), str):
                raise MalformedError(f"no batch: {said(batch)[:LONGEST]}")
            return Batch.construct(**documented(batch))

        try:
            return self._calls.make(look, more=OUTAGE)
        except RejectedError as error:
            raise self._gone(error, shipment) from None

    def download(self, shipment: Shipment, file: str, path: Path) -> None:
        """Fetch a file with answers to `path`."""

        async def fetch() -> None:
            async with asyncio.timeout(self._timeout) as limit:
                end, size = limit.when() or 0.0, 0
                with jsonl.replacing(path) as kept:
                    async with self._contents.content(file) as response:
                        async for data in response.iter_bytes():
                            kept.write(data)
                            size += len(data)
                            limit.reschedule(end + size / SLOWEST)

        try:
            self._calls.make(fetch, more=OUTAGE)
        except RejectedError as error:
            raise self._gone(error, shipment) from None

    def _gone(self, error: RejectedError, shipment: Shipment) -> PipelineError:
        """What to say when the server does not know (any more) what it was paid for."""
        if error.status != 404:
            return error
        return PipelineError(
            f"{shipment.url} does not know batch {self.scrub(shipment.batch)}, or its answers, "
            "with this key: give back the key that sent it, or remove .cache/batches/"
            f"{shipment.name}.json to send (and pay) its requests once more"
        )

    def _name(self, value: dict[str, Any]) -> str:
        """Its id, which is written to disk. Raises: MalformedError when it is none, or the key."""
        name = name_of(value)
        if self._endpoint.secret.shown(name) != name:
            raise MalformedError("the answer's id holds the key, or what looks like one")
        return name

    def scrub(self, text: str) -> str:
        """`text` as it may be shown."""
        return self._endpoint.scrub(text)

    def kept(self, reply: Reply) -> Reply:
        """`reply` as it may be stored."""
        return self._endpoint.secret.kept(reply)


def _filename(shipment: Shipment) -> str:
    return f"{shipment.name}.jsonl"
