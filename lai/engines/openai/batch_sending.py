"""What is sent in batches, what was sent by an earlier run, and what may be sent at all."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping, Sequence

from lai.core.errors import PipelineError
from lai.engines.base import Request
from lai.engines.openai import batch_lines
from lai.engines.openai.batch_account import Account
from lai.engines.openai.batch_calls import GivenUpError
from lai.engines.openai.batch_lines import MOST_REQUESTS
from lai.engines.openai.batch_state import Shipment, planned
from lai.engines.openai.failures import RejectedError
from lai.engines.store.caps import BudgetError
from lai.engines.store.spending import most_of
from lai.engines.store.waiting import Waiting

log = logging.getLogger(__name__)

FEWEST = 16
"""Requests of a batch that is not made smaller where an account's queue is too short for it."""
BATCHES = "whose batches may cost less than they hold of"


class Sending:
    """Sends each request of `left` that is not under way; `left` is emptied by who receives.

    `under_way`: the batches that this process holds, by name. `rounds`: how often a request was
    sent.
    """

    def __init__(self, account: Account, left: Mapping[str, Request]) -> None:
        self._account = account
        self._left = left
        self.under_way: dict[str, Shipment] = {}
        self.rounds: dict[str, int] = {}
        self._elsewhere: set[str] | None = None
        self._doubted: set[str] = set()
        self._most = MOST_REQUESTS
        self._waits = False
        self._waiting = Waiting()

    def pick_up(self) -> None:
        """Find the batches of earlier runs that hold what is left.

        What another process holds of it is waited for: it takes its own part, or dies.

        Raises: PipelineError when such a batch is at another server.
        """
        if self._elsewhere is not None and not self._elsewhere:
            return
        journal, self._elsewhere = self._account.journal, set()
        for found in journal.all():
            wanted = journal.open(found) & self._left.keys()
            if found.name in self.under_way or not wanted:
                continue
            if found.url.rstrip("/") != self._account.url.rstrip("/"):
                raise PipelineError(
                    f"{len(wanted)} requests are under way in a batch at {found.url}: set "
                    f"runtime.{self._account.role}.base_url back to it, or remove .cache/batches/"
                    f"{found.name}.json to send (and pay) them once more"
                )
            if not journal.take(found):
                self._elsewhere |= wanted
            elif (shipment := journal.find(found.name)) is not None:
                self._resume(shipment)
            else:
                journal.leave(found)

    def _resume(self, shipment: Shipment) -> None:
        """Go on with a batch from the last step that the server knows of."""
        api, journal = self._account.api, self._account.journal
        self.under_way[shipment.name] = shipment
        if not shipment.batch:
            # It is started only once its file stands here.
            perhaps = bool(shipment.file)
            if perhaps:
                shipment.batch = api.find_batch(shipment) or ""
            else:
                shipment.file = api.find_file(shipment) or ""
            if shipment.file and not shipment.batch and self._left.keys() >= set(shipment.keys):
                journal.save(shipment)
                if perhaps:
                    self._doubt(shipment)
                self._start(shipment)
            if not shipment.batch:
                # Never uploaded, or with requests that nobody wants any more.
                self.abandon(shipment, perhaps)
                return
            journal.save(shipment)
        self.rounds.update(dict.fromkeys(shipment.keys, shipment.round))

    def _start(self, shipment: Shipment) -> None:
        try:
            shipment.batch = self._account.api.create(shipment, lambda: self._doubt(shipment))
        except RejectedError:
            if shipment.name not in self._doubted:
                self.abandon(shipment)
            raise
        except GivenUpError as error:
            if shipment.name not in self._doubted and not error.perhaps:
                # Refused each time: the next run has nothing to doubt.
                shipment.file = ""
                self._account.journal.save(shipment)
            raise
        self._account.journal.save(shipment)

    def _doubt(self, shipment: Shipment) -> None:
        """Count what a batch may cost that was perhaps started, before it is started once more.

        Raises: BudgetError when both do not fit below a cap; a rerun looks for the first again.
        """
        self._account.ledger.hold_again(shipment.name)
        log.warning(
            "%s: batch %s may have been started before, but is not listed; it is started once "
            "more, and what the first may cost stays counted (lai budget)",
            *(self._account.url, shipment.name),
        )
        self._doubted.add(shipment.name)

    def send(self) -> bool:
        """Send as much as the caps allow now; whether anything was sent.

        Raises: BudgetError when not even one request can be sent and none is under way, here or in
        another process.
        """
        if self._waits and self.under_way:
            return False
        self._waits = False
        busy = set(self._elsewhere or ()).union(*(one.keys for one in self.under_way.values()))
        fresh = [request for key, request in self._left.items() if key not in busy]
        before = len(self.under_way)
        for part in batch_lines.parts(fresh, self._account.dialect, self._most):
            # A short queue takes one batch after the other.
            self._waits = bool(self.under_way) and self._most < MOST_REQUESTS
            if self._waits or not self._ship(part):
                break
        return len(self.under_way) > before

    def _ship(self, part: Sequence[Request]) -> bool:
        """Send one batch; whether all of `part` fitted below the caps."""
        account, keys = self._account, [request.key for request in part]
        shipment = planned(account.url, keys, 1 + max(self.rounds.get(key, 0) for key in keys))
        fits = self._planned(shipment, part)
        if not fits:
            self._waits = True
            return False
        self._waiting.came()
        path = account.journal.requests(shipment)
        batch_lines.write(path, part[:fits], account.dialect)
        try:
            shipment.file = account.api.upload(shipment, path)
        except PipelineError:
            # Without its file no batch can begin, and nothing is to be held for it.
            self.abandon(shipment)
            raise
        account.journal.save(shipment)
        self._start(shipment)
        path.unlink(missing_ok=True)
        self.rounds.update(dict.fromkeys(shipment.keys, shipment.round))
        return fits == len(part)

    def _planned(self, shipment: Shipment, part: Sequence[Request]) -> int:
        """Write down a batch of as many of `part` as fit below the caps; returns how many.

        The plan comes first: whatever is set aside for it is found again after a kill.
        """
        account, others = self._account, len(self.under_way)
        account.journal.take(shipment)
        self.under_way[shipment.name] = shipment
        account.journal.save(shipment)
        mosts = [(request.key, most_of(request, account.price)) for request in part]
        try:
            note = f"{account.role} {part[0].model}, batch"
            fits = account.ledger.hold(shipment.name, mosts, note)
        except BudgetError as error:
            self.abandon(shipment)
            if not others and not self._awaited(error):
                raise
            return 0
        if not fits:
            self.abandon(shipment)
            if not others:
                self._waiting.on_calls(account.ledger)
        elif fits < len(part):
            log.warning(
                "%s: runtime.budget lets %d of %d requests be sent now, the others when these are "
                "paid",
                *(account.url, fits, len(part)),
            )
            shipment.keys = shipment.keys[:fits]
            account.journal.save(shipment)
        return fits

    def _awaited(self, error: BudgetError) -> bool:
        """Whether batches that live processes wait for may give room enough back below a cap.

        Or have given it back since: then nothing is held any more.
        """
        if not error.only_held:
            return False
        processes = self._account.awaited()
        if processes:
            self._waiting.on(processes, f"{BATCHES} runtime.budget.{error.cap}")
        return bool(processes) or not self._account.ledger.holders()

    def shrink(self, shipment: Shipment) -> bool:
        """Whether the requests of a batch too large for the account are sent in smaller ones."""
        if len(shipment.keys) < FEWEST:
            return False
        self._most = len(shipment.keys) // 2
        for key in shipment.keys:
            self.rounds[key] -= 1
        log.warning(
            "%s: the account's queue is too short for a batch of %d requests; trying with %d",
            *(self._account.url, len(shipment.keys), self._most),
        )
        return True

    def abandon(self, shipment: Shipment, perhaps: bool = False) -> None:
        """Forget a batch that cost nothing, and its file at the server.

        `perhaps`: unless it was started after all, when it needs its file and stays counted.
        """
        account = self._account
        if shipment.file and not perhaps:
            with contextlib.suppress(PipelineError):
                account.api.delete_file(shipment)
        for ticket in account.ledger.held(shipment.name).values():
            (account.ledger.doubtful if perhaps else account.ledger.release)(ticket)
        account.journal.drop(shipment)
        self.close(shipment)

    def close(self, shipment: Shipment) -> None:
        """A batch is under way no more: caps and queues have room again."""
        self._account.journal.leave(shipment)
        self.under_way.pop(shipment.name, None)
        self._waits = False

    def leave(self) -> None:
        """Let another process, or a later run, pick up what is under way."""
        for shipment in list(self.under_way.values()):
            self.close(shipment)
