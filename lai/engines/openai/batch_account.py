"""Who is asked in batches, and where it is written down."""

from __future__ import annotations

from dataclasses import dataclass

from lai.core.params.runtime import PriceParams
from lai.engines.openai.batch_api import BatchApi
from lai.engines.openai.batch_state import Journal
from lai.engines.openai.dialect import Dialect
from lai.engines.store.ledger import Ledger


@dataclass(frozen=True)
class Account:
    """Who is asked, at what price a million tokens, and where it is written down."""

    url: str
    role: str
    price: PriceParams | None
    api: BatchApi
    journal: Journal
    ledger: Ledger
    dialect: Dialect

    def awaited(self) -> set[int]:
        """The other processes whose batches hold something, 0 for one that nobody can tell.

        To be asked by who waits for no batch.
        """
        holders = self.ledger.holders()
        return {process for one, process in self.journal.elsewhere() if one.name in holders}
