"""What was spent, on disk, and the caps of `runtime.budget`, which no set of processes passes."""

from __future__ import annotations

import contextlib
import datetime
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Self

from lai.core.params.runtime import BudgetParams
from lai.engines.store import wal
from lai.engines.store.caps import NANO, exact, passed, refusal
from lai.engines.store.claims import claims_at
from lai.engines.store.entries import ENTER, KIND, Totals
from lai.engines.store.owners import gone, own_name
from lai.engines.store.spending import Spending

_DOUBT = "UPDATE entries SET state = 'doubtful' WHERE state = ? AND owner = ?"


class Ledger:
    """Every call of a repository folder, of all its processes; for many threads.

    A run is everything since the last `start_run`. A call is reserved before it is sent, by the
    most that it can cost, and settled by what it did cost. What a process that died had in flight
    is doubtful: it stays counted in full, since the provider may have billed it.

    `budget`: the caps.

    Raises: PipelineError, in every method, when the file is damaged or cannot be written.
    """

    def __init__(self, path: Path, budget: BudgetParams) -> None:
        self._path = path
        self._owners = path.with_suffix(".owners")
        self.budget = budget
        self._mutex = threading.Lock()
        with wal.explaining(path, KIND):
            self._connection = wal.connect(path, KIND)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        with self._mutex, wal.explaining(self._path, KIND):
            self._connection.close()

    def reserve(self, key: str, most: Spending, note: str) -> int | None:
        """Set aside `most` for a call that is about to be sent; returns its ticket.

        None when it does not fit only because of calls in flight, of any process: wait for one of
        them to be settled and try again.

        Raises: BudgetError when it would pass a cap even with nothing in flight.
        """
        with self._writing():
            run = self._current()
            if not self._fits(run, most):
                return None
            row = (run, key, note, "in flight", own_name(self._owners), *exact(most))
            return self._connection.execute(ENTER, row).lastrowid

    def hold(self, batch: str, calls: Sequence[tuple[str, Spending]], note: str) -> int:
        """Set aside, for the batch of that name, as many of the first `calls` (key, most) as fit.

        They stay set aside when this process ends. Returns how many fit; 0 where `reserve` returns
        None.

        Raises: BudgetError when not even the first would fit with nothing in flight.
        """
        with self._writing():
            run = self._current()
            if not calls or not self._fits(run, calls[0][1]):
                return 0
            spent, flying, _ = self._counted(run)
            total, rows = spent + flying, []
            for key, most in calls:
                total += exact(most)
                if passed(self.budget, [total]):
                    break
                rows.append((run, key, note, "held", batch, *exact(most)))
            self._connection.executemany(ENTER, rows)
            return len(rows)

    def flying(self) -> set[int]:
        """The processes with calls in flight; 0 for this one, and where nobody tells."""
        with self._writing():
            return {claims_at(self._owners).holder(owner) for owner in self._flying()}

    def hold_again(self, batch: str) -> None:
        """Make what is held for a batch doubtful, and hold as much once more.

        Raises: BudgetError when both do not fit below a cap.
        """
        with self._writing():
            rows = self._connection.execute(
                "SELECT key, note, owner, calls, tokens, cost FROM entries "
                "WHERE state = 'held' AND owner = ?",
                (batch,),
            ).fetchall()
            run = self._current()
            spent, flying, held = self._counted(run)
            most = sum((Spending(*row[3:]) for row in rows), start=Spending())
            if cap := passed(self.budget, [spent, flying, most]):
                raise refusal(cap, self.budget, spent + flying, held, most)
            self._connection.execute(_DOUBT, ("held", batch))
            entries = [(run, *row[:2], "held", *row[2:]) for row in rows]
            self._connection.executemany(ENTER, entries)

    def holders(self) -> set[str]:
        """The batches for which something is set aside."""
        with self._writing():
            rows = self._connection.execute("SELECT owner FROM entries WHERE state = 'held'")
            return {owner for (owner,) in rows}

    def doubt(self, batches: Collection[str]) -> None:
        """Make what is held for these batches doubtful."""
        with self._writing():
            self._connection.executemany(_DOUBT, [("held", batch) for batch in batches])

    def held(self, batch: str) -> dict[str, int]:
        """The tickets that are set aside for a batch, by key."""
        with self._writing():
            rows = self._connection.execute(
                "SELECT key, ticket FROM entries WHERE state = 'held' AND owner = ?", (batch,)
            )
            return dict(rows.fetchall())

    def settle(self, ticket: int, spent: Spending) -> None:
        """Write down what a call cost in the end."""
        self._change(
            "UPDATE entries SET state = 'settled', calls = ?, tokens = ?, cost = ? "
            "WHERE ticket = ? AND state <> 'settled'",
            (*exact(spent), ticket),
        )

    def release(self, ticket: int) -> None:
        """Take back what was set aside for a call that was never sent."""
        self._change("DELETE FROM entries WHERE ticket = ? AND state <> 'settled'", (ticket,))

    def doubtful(self, ticket: int) -> None:
        """Keep a call counted in full: it was sent, and no answer came."""
        update = "UPDATE entries SET state = 'doubtful' WHERE ticket = ? AND state <> 'settled'"
        self._change(update, (ticket,))

    def totals(self, run: int | None = None) -> Totals:
        """What was spent in this run, or in an earlier one."""
        with self._writing():
            number = run or self._current()
            self._bury()
            started = self._connection.execute(
                "SELECT started FROM runs WHERE number = ?", (number,)
            ).fetchone()
            rows = self._connection.execute(
                "SELECT note, state, calls, tokens, cost FROM sums WHERE run = ? "
                "AND (calls <> 0 OR tokens <> 0)",
                (number,),
            ).fetchall()
        by_note = {
            (note, state): Spending(calls, tokens, cost / NANO)
            for note, state, calls, tokens, cost in rows
        }
        return Totals(number, started[0] if started else "", by_note)

    def start_run(self, batches: Callable[[], Collection[str]] = tuple) -> int:
        """Count from zero; returns the number of the new run. Earlier ones are kept.

        What is in flight, or held for one of the `batches` under way, goes over into the new one:
        it has yet to be paid. What is held for others, which nobody waits for, stays behind as
        doubtful. `batches` is called where nothing more can be held meanwhile.
        """
        with self._writing():
            self._current()
            self._bury()
            run = self._add_run()
            move = "UPDATE entries SET run = ? WHERE state = ?"
            self._connection.execute(move, (run, "in flight"))
            self._connection.executemany(
                f"{move} AND owner = ?", [(run, "held", batch) for batch in batches()]
            )
            self._connection.execute(
                "UPDATE entries SET state = 'doubtful' WHERE state = 'held' AND run <> ?", (run,)
            )
            return run

    def _fits(self, run: int, most: Spending) -> bool:
        most = exact(most)
        spent, flying, held = self._counted(run)
        if not passed(self.budget, [spent, flying, most]):
            return True
        if self._bury():
            spent, flying, held = self._counted(run)
        if cap := passed(self.budget, [spent, most]):
            raise refusal(cap, self.budget, spent, held, most)
        return not passed(self.budget, [spent, flying, most])

    def _counted(self, run: int) -> tuple[Spending, Spending, Spending]:
        """All that cannot be taken back, what is in flight, and which part of the first is held."""
        found: dict[str, Spending] = {}
        for state, *figures in self._connection.execute(
            "SELECT state, calls, tokens, cost FROM sums WHERE run = ?", (run,)
        ):
            found[state] = found.get(state, Spending()) + Spending(*figures)
        flying = found.pop("in flight", Spending())
        return sum(found.values(), start=Spending()), flying, found.get("held", Spending())

    def _bury(self) -> int:
        """Make doubtful what processes that died had in flight; returns how many calls."""
        buried = 0
        for owner in self._flying():
            with gone(self._owners, owner) as ended:
                if ended:
                    buried += self._connection.execute(_DOUBT, ("in flight", owner)).rowcount
        return buried

    def _flying(self) -> set[str]:
        rows = self._connection.execute("SELECT owner FROM entries WHERE state = 'in flight'")
        return {owner for (owner,) in rows.fetchall()}

    def _current(self) -> int:
        found = self._connection.execute("SELECT MAX(number) FROM runs").fetchone()[0]
        return self._add_run() if found is None else int(found)

    def _add_run(self) -> int:
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        done = self._connection.execute("INSERT INTO runs (started) VALUES (?)", (now,))
        return int(done.lastrowid or 0)

    def _change(self, statement: str, values: tuple[float, ...]) -> None:
        with self._writing():
            if self._connection.execute(statement, values).rowcount == 0:
                raise ValueError(f"ticket {values[-1]} is settled, or none of this ledger's")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        file = wal.explaining(self._path, KIND)
        with self._mutex, file, wal.transaction(self._connection):
            yield


def ledger_beside(cache: Path, budget: BudgetParams) -> Ledger:
    """The ledger of the folder in which the store of replies at `cache` lies."""
    return Ledger(cache.with_name("ledger.sqlite"), budget)
