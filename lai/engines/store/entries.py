"""The tables of the ledger, and what is read out of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lai.engines.store import wal
from lai.engines.store.spending import Spending

State = Literal["in flight", "held", "settled", "doubtful"]
"""`held`: of a batch, which goes on at the provider whatever becomes of any process."""

_SUM = (
    "INSERT INTO sums VALUES ({row}.run, {row}.note, {row}.state, {sign}{row}.calls, "
    "{sign}{row}.tokens, {sign}{row}.cost) ON CONFLICT DO UPDATE SET calls = calls + "
    "excluded.calls, tokens = tokens + excluded.tokens, cost = cost + excluded.cost;"
)
_ADD, _SUBTRACT = (_SUM.format(row=row, sign=sign) for row, sign in (("new", "+"), ("old", "-")))
KIND = wal.Kind(
    name="ledger",
    version=1,
    tables=(
        "CREATE TABLE runs (number INTEGER PRIMARY KEY, started TEXT NOT NULL)",
        "CREATE TABLE entries (ticket INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, "
        "key TEXT NOT NULL, note TEXT NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL, "
        "calls INTEGER NOT NULL, tokens INTEGER NOT NULL, cost INTEGER NOT NULL)",
        "CREATE INDEX flying ON entries (owner) WHERE state = 'in flight'",
        "CREATE INDEX held ON entries (owner) WHERE state = 'held'",
        # Kept by triggers: no sum can differ from its entries, and none is ever added up anew.
        "CREATE TABLE sums (run INTEGER, note TEXT, state TEXT, calls INTEGER, tokens INTEGER, "
        "cost INTEGER, PRIMARY KEY (run, note, state)) WITHOUT ROWID",
        f"CREATE TRIGGER added AFTER INSERT ON entries BEGIN {_ADD} END",
        f"CREATE TRIGGER changed AFTER UPDATE ON entries BEGIN {_SUBTRACT} {_ADD} END",
        f"CREATE TRIGGER removed AFTER DELETE ON entries BEGIN {_SUBTRACT} END",
    ),
    lost="what was spent until now then counts for no cap",
)

ENTER = (
    "INSERT INTO entries (run, key, note, state, owner, calls, tokens, cost) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True)
class Totals:
    """What a run spent, by note (who was asked, such as `instructor gpt-4o-mini`) and state."""

    run: int
    started: str
    by_note: Mapping[tuple[str, State], Spending]

    def of(self, *states: State) -> Spending:
        """The sum over all notes of what is in one of `states`."""
        some = (spending for (_, state), spending in self.by_note.items() if state in states)
        return sum(some, start=Spending())
