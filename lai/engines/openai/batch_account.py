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

    def awaited(self) -> list[str]:
        """The batches of other processes that hold something; to be asked by who waits for none."""
        holders = self.ledger.holders()
        return [one.name for one in self.journal.elsewhere() if one.name in holders]
