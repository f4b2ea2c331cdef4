"""An instructor behind the Batch API: all requests at once, within a day, at half the price."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from openai.types import Batch

from lai.core.errors import PipelineError
from lai.core.params.runtime import BATCH_SHARE, EndpointParams
from lai.engines.base import Reply, Request
from lai.engines.openai.batch_account import Account
from lai.engines.openai.batch_api import BatchApi
from lai.engines.openai.batch_receiving import Receiving
from lai.engines.openai.batch_sending import Sending
from lai.engines.openai.batch_state import Journal, Shipment, doubt_removed
from lai.engines.openai.dialect import Dialect
from lai.engines.openai.endpoint import check_price, resolve
from lai.engines.store.ledger import Ledger

log = logging.getLogger(__name__)

ENDED = ("completed", "expired", "cancelled", "failed")
SECONDS_BETWEEN_LINES = 60.0


class BatchEngine:
    """Sends requests in batches, waits for them, and picks up those that an earlier run sent.

    `folder`: where the state of each batch lies until its last answer was handed on. `poll`:
    seconds between two looks at a batch, at first and at most. `backoff`: seconds before the first
    repetition of a failed call. Replies are to be stored one by one (`commit_every`): an answer
    counts as handed on when the next one is asked for.

    Raises: PipelineError when the URL is none, the key is missing, or a cost is capped that nobody
    can count.
    """

    commit_every = 1

    def __init__(
        self,
        endpoint: EndpointParams,
        role: str,
        provider: str,
        ledger: Ledger,
        folder: Path,
        *,
        poll: tuple[float, float] = (2.0, 60.0),
        backoff: float = 1.0,
    ) -> None:
        if endpoint.api_version:
            raise PipelineError(
                f"runtime.{role}.api_version is for Azure, whose batches are an API of their own; "
                f"set {role}.mode: live"
            )
        resolved = resolve(endpoint, role, provider)
        check_price(resolved, endpoint, role, ledger.budget)
        self._account = Account(
            url=resolved.url,
            role=role,
            price=endpoint.price.times(BATCH_SHARE) if endpoint.price else None,
            api=BatchApi(resolved, endpoint, role, backoff),
            journal=Journal(folder),
            ledger=ledger,
            dialect=Dialect(),
        )
        doubt_removed(folder, ledger)
        self._poll = poll
        self._told: dict[str, tuple[str, str, float]] = {}

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """Yield one reply a request, as their batches end.

        Raises: PipelineError when the provider refuses a batch or some of its requests, or leaves
        some without an answer thrice; the replies that came are yielded before. BudgetError when
        not even one request fits below the caps.
        """
        left = {request.key: request for request in requests}
        sending = Sending(self._account, left)
        receiving = Receiving(self._account, sending, left)
        pause, longest = self._poll
        try:
            while left:
                sending.pick_up()
                if sending.send():
                    pause, _ = self._poll
                ended = False
                for shipment in list(sending.under_way.values()):
                    batch = self._account.api.state(shipment)
                    self._tell(shipment, batch)
                    if batch.status in ENDED:
                        ended = True
                        yield from receiving.deliver(shipment, batch)
                if left and not ended:
                    time.sleep(pause)
                    pause = min(1.5 * pause, longest)
            receiving.complain()
        except KeyboardInterrupt:
            names = ", ".join(one.batch for one in sending.under_way.values() if one.batch)
            if names:
                log.warning(
                    "%s goes on at %s; a rerun picks it up",
                    *(self._account.api.scrub(names), self._account.url),
                )
            raise
        finally:
            sending.leave()

    def _tell(self, shipment: Shipment, batch: Batch) -> None:
        """A line when a batch has come further; no oftener than once a minute for its counts."""
        counts = batch.request_counts
        done = f"{counts.completed} of {counts.total} answered" if counts else ""
        if counts and counts.failed:
            done += f", {counts.failed} failed"
        status, said, when = self._told.get(shipment.name, ("", "", 0.0))
        now = time.monotonic()
        if batch.status == status and (done == said or now - when < SECONDS_BETWEEN_LINES):
            return
        self._told[shipment.name] = (batch.status, done, now)
        words = ", ".join(filter(None, (batch.status.replace("_", " "), done)))
        line = self._account.api.scrub(f"batch {batch.id}: {words}")
        print(line, file=sys.stderr, flush=True)
