"""What a child process runs in tests of the ledger: spend until a cap stops it."""

from __future__ import annotations

import time
from multiprocessing.synchronize import Barrier
from pathlib import Path

from lai.core.params.runtime import BudgetParams
from lai.engines.store.caps import BudgetError
from lai.engines.store.ledger import Ledger
from lai.engines.store.spending import Spending

MOST = Spending(1, 100, 0.01)
REAL = Spending(1, 60, 0.006)


def spend(path: str, calls: int, sent: str, start: Barrier) -> None:
    """Send calls, a byte to the file `sent` each, until a cap of `calls` is reached."""
    ledger = Ledger(Path(path), BudgetParams(calls=calls))
    start.wait()
    with open(sent, "ab", buffering=0) as journal:
        for number in range(10 * calls):
            try:
                ticket = ledger.reserve(str(number), MOST, "a model")
            except BudgetError:
                return
            if ticket is None:
                time.sleep(0.001)
                continue
            journal.write(b".")
            time.sleep(0.0005)
            ledger.settle(ticket, REAL)


def leave_in_flight(path: str) -> None:
    """Reserve two calls, and go on living with them."""
    ledger = Ledger(Path(path), BudgetParams(calls=3))
    for key in ("one", "two"):
        ledger.reserve(key, MOST, "a model")
    Path(path).with_name("reserved").touch()
    time.sleep(60)
