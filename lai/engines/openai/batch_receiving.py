"""Batches that ended: their replies, what they cost, and what is to be sent once more."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Literal

from openai.types import Batch

from lai.core.errors import PipelineError
from lai.core.records import Usage
from lai.engines.base import Reply, Request
from lai.engines.openai.batch_account import Account
from lai.engines.openai.batch_lines import Outcome, Reader
from lai.engines.openai.batch_sending import Sending
from lai.engines.openai.batch_state import Shipment
from lai.engines.store.spending import spent_on

log = logging.getLogger(__name__)

ROUNDS = 3
"""How often a request is sent that comes back without an answer."""
_QUEUE = "token_limit_exceeded"
"""OpenAI's word for more tokens in batches than an account may have at once."""

Loss = Literal["refused", "cancelled", "unanswered"]
_TOLD: dict[Loss, str] = {
    "refused": "were refused, the first with {words}; check {role} in params.yaml and run again: "
    "answers already received are kept",
    "cancelled": "have no answer, since their batch was cancelled there; answers already received "
    "are kept, and a rerun sends the others",
    "unanswered": "have no answer after {rounds} batches, the first because of {words}; answers "
    "already received are kept, and a rerun sends the others",
}


class Receiving:
    """Takes each request out of `left` that is answered, or that will not be."""

    def __init__(self, account: Account, sending: Sending, left: dict[str, Request]) -> None:
        self._account = account
        self._sending = sending
        self._left = left
        self._asked = dict(left)
        self._lost: dict[Loss, list[str]] = {}

    def deliver(self, shipment: Shipment, batch: Batch) -> Iterator[Reply]:
        """Yield the replies of a batch that ended.

        Raises: PipelineError when the provider refuses the batch as a whole.
        """
        if batch.status == "failed":
            self._refused(shipment, batch)
            return
        journal = self._account.journal
        unfinished = journal.open(shipment)
        failed: dict[str, Outcome] = {}
        for outcome in self._outcomes(shipment, batch):
            if outcome.key not in unfinished:
                continue
            if outcome.reply is None:
                failed[outcome.key] = outcome
            elif outcome.key in self._left:
                yield self._account.api.kept(outcome.reply)
                # Asked for the next one, so this one is stored.
                del self._left[outcome.key]
                journal.finish(shipment, [outcome.key])
        journal.finish(shipment, failed)
        for outcome in failed.values():
            self._decide(outcome, batch)
        if not journal.open(shipment):
            journal.drop(shipment)
        self._sending.close(shipment)

    def _outcomes(self, shipment: Shipment, batch: Batch) -> Iterator[Outcome]:
        """What became of each request, of those too that no line tells of; all are settled."""
        account = self._account
        tickets = account.ledger.held(shipment.name)
        reader = Reader(self._asked, account.dialect, shipment.round == 1)
        silent = set(shipment.keys)
        for what, file in (("output", batch.output_file_id), ("errors", batch.error_file_id)):
            if not file:
                continue
            path = account.journal.answers(shipment, what)
            account.api.download(shipment, file, path)
            for outcome in reader.read(path, silent):
                self._settle(tickets.get(outcome.key), outcome)
                yield outcome
            silent -= reader.seen
            path.unlink(missing_ok=True)
        if reader.strange:
            log.warning(
                "batch %s: %d lines answer nothing that was asked",
                *(account.api.scrub(batch.id), reader.strange),
            )
        for key in sorted(silent):
            outcome = Outcome(key, billed="perhaps", again=True, words="a line that is missing")
            self._settle(tickets.get(key), outcome)
            yield outcome

    def _settle(self, ticket: int | None, outcome: Outcome) -> None:
        """Write down what a request cost, unless an earlier run has."""
        if ticket is None:
            return
        if outcome.billed == "never":
            self._account.ledger.release(ticket)
        elif outcome.billed == "perhaps":
            self._account.ledger.doubtful(ticket)
        else:
            usage = outcome.reply.usage if outcome.reply else Usage()
            self._account.ledger.settle(ticket, spent_on(usage, self._account.price))

    def _decide(self, outcome: Outcome, batch: Batch) -> None:
        """Leave a request to be sent once more, or count it as lost."""
        if outcome.key not in self._left:
            return
        loss: Loss
        if not outcome.again:
            loss = "refused"
        elif batch.status == "cancelled":
            loss = "cancelled"
        elif self._sending.rounds[outcome.key] >= ROUNDS:
            loss = "unanswered"
        else:
            return
        del self._left[outcome.key]
        self._lost.setdefault(loss, []).append(outcome.words)

    def _refused(self, shipment: Shipment, batch: Batch) -> None:
        errors = (batch.errors and batch.errors.data) or []
        too_much = any(error.code == _QUEUE for error in errors)
        again = too_much and self._sending.shrink(shipment)
        self._sending.abandon(shipment)
        if again:
            return
        words = "; ".join(
            f"line {error.line}: {error.message}" if error.line else str(error.message)
            for error in errors
        )
        account, scrub = self._account, self._account.api.scrub
        raise PipelineError(
            f"{account.url}: batch {scrub(batch.id)} is refused ({scrub(words) or 'no reason'}), "
            f"nothing of it was paid; check {account.role} in params.yaml, or set "
            f"{account.role}.mode: live; answers already received are kept"
        )

    def complain(self) -> None:
        """Raises: PipelineError when some requests have no reply and will not get one."""
        for loss, words in self._lost.items():
            account = self._account
            told = _TOLD[loss].format(
                words=account.api.scrub(words[0]), role=account.role, rounds=ROUNDS
            )
            raise PipelineError(
                f"{account.url}: {len(words)} of {len(self._asked)} requests {told}"
            )
