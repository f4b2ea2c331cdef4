"""Batches under way, on disk before and after each step, so that no kill pays for one twice."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.record import digest
from lai.engines.store.claims import claims_at
from lai.engines.store.ledger import Ledger


class Shipment(BaseModel):
    """One batch. `round`: how often its requests were sent, counting this time.

    `file` and `batch` are the provider's names of its parts, empty until it has told them. It knows
    both by `name`, which is in the file's name and in the batch's metadata. No key, no text.
    """

    name: str
    url: str
    keys: list[str]
    round: int = 1
    file: str = ""
    batch: str = ""

    @property
    def digest(self) -> str:
        """The digest of the keys of its requests."""
        return digest(sorted(self.keys))


def planned(url: str, keys: Sequence[str], round: int) -> Shipment:
    """A batch of these requests, under a name of its own: they may be sent once more later."""
    name = f"lai-{digest(sorted(keys))[:16]}-{secrets.token_hex(8)}"
    return Shipment(name=name, url=url, keys=list(keys), round=round)


def pending(folder: Path) -> list[str]:
    """The names of the batches that lie in a folder of a `Journal`."""
    return [path.stem for path in folder.glob("lai-*.json")]


def doubt_removed(folder: Path, ledger: Ledger) -> None:
    """Count as doubtful what is held for batches of the folder whose state somebody removed."""
    # A state is written before anything is held for it, so in this order nothing new is missed.
    holders = ledger.holders()
    ledger.doubt(holders.difference(pending(folder)))


def unanswered(folder: Path) -> set[str]:
    """The keys of the requests in a folder's batches whose answers nobody took yet."""
    if not folder.is_dir():
        return set()
    journal = Journal(folder)
    return {key for shipment in journal.all() for key in journal.open(shipment)}


class Journal:
    """The shipments in a folder, with which of their answers were handed on and stored.

    Of several processes one holds a shipment, from `take` to `leave`, or until it dies.

    Raises: PipelineError when the folder cannot be written, or a file is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._claims = claims_at(folder / "held")

    def take(self, shipment: Shipment) -> bool:
        """Hold a shipment, unless another process does."""
        return self._claims.take(digest(shipment.name))

    def elsewhere(self) -> list[tuple[Shipment, int]]:
        """The shipments that other processes hold, with these; to be asked by one without any.

        A process is 0 where nobody tells which it is.
        """
        found = []
        for shipment in self.all():
            if self.take(shipment):
                self.leave(shipment)
            else:
                found.append((shipment, self._claims.holder(digest(shipment.name))))
        return found

    def leave(self, shipment: Shipment) -> None:
        """Let another process hold it."""
        self._claims.release(digest(shipment.name))

    def save(self, shipment: Shipment) -> None:
        """Write down how far a shipment is."""
        jsonl.write_json(self._path(shipment, "json"), shipment.model_dump())

    def drop(self, shipment: Shipment) -> None:
        """Forget a shipment: it is answered, or was never on its way."""
        # The state last: without it the other files would lie there for ever.
        for suffix in ("jsonl", "output", "errors", "done", "json"):
            self._path(shipment, suffix).unlink(missing_ok=True)

    def find(self, name: str) -> Shipment | None:
        """The shipment of that name, as far as it is by now."""
        return self._read(self._folder / f"{name}.json")

    def all(self) -> Iterator[Shipment]:
        """Every shipment of this folder."""
        for path in sorted(self._folder.glob("lai-*.json")):
            # Another process may just have finished it.
            if (shipment := self._read(path)) is not None:
                yield shipment

    def finish(self, shipment: Shipment, keys: Iterable[str]) -> None:
        """Write down that there is nothing more to have of these requests."""
        path = self._path(shipment, "done")
        try:
            with path.open("ab", buffering=0) as file:
                for key in keys:
                    # A line break first: what a kill left half-written spoils no other line.
                    file.write(f"\n{key}".encode())
        except OSError as error:
            raise PipelineError(
                f"cannot write {path}: {error.strerror}; answers already received are kept, free "
                "some space or mend the permissions and run again"
            ) from error

    def open(self, shipment: Shipment) -> set[str]:
        """The keys of the requests that are not finished."""
        try:
            done = self._path(shipment, "done").read_text().split()
        except FileNotFoundError:
            done = []
        return set(shipment.keys).difference(done)

    def requests(self, shipment: Shipment) -> Path:
        """Where its requests lie until they are uploaded."""
        return self._path(shipment, "jsonl")

    def answers(self, shipment: Shipment, what: str) -> Path:
        """Where its downloaded `output` or `errors` lie until they are handed on."""
        return self._path(shipment, what)

    def _path(self, shipment: Shipment, suffix: str) -> Path:
        return self._folder / f"{shipment.name}.{suffix}"

    def _read(self, path: Path) -> Shipment | None:
        with contextlib.suppress(FileNotFoundError):
            try:
                return Shipment.model_validate_json(path.read_bytes())
            except ValidationError as error:
                raise PipelineError(
                    f"{path}, the state of a batch, is damaged ({jsonl.first_problem(error)}); "
                    "look for the batch at the provider, then remove the file and run again"
                ) from None
        return None
