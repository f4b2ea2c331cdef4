"""An engine for batches, for tests, and what a child process does with it before it is killed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from lai.core.params.runtime import BudgetParams, EndpointParams, PriceParams
from lai.engines.openai.batch import BatchEngine
from lai.engines.store.cache import Cached
from lai.engines.store.ledger import Ledger
from tests.support.asking import questions
from tests.support.batch_server import BatchServer
from tests.support.openai_server import KEY, Answer, completion

PRICE = PriceParams(input=1.0, output=10.0)


def engine_for(url: str, folder: Path, budget: BudgetParams | None = None, **params: Any) -> Cached:
    """An engine that looks and repeats often, with its store, ledger and state in `folder`."""
    endpoint = EndpointParams(base_url=url, **{"price": PRICE, "max_retries": 3, **params})
    engine = BatchEngine(
        endpoint,
        "instructor",
        "test",
        ledger_in(folder, budget),
        folder / "batches",
        poll=(0.001, 0.01),
        backoff=0.0001,
    )
    return Cached(engine, folder / "responses.sqlite")


def ledger_in(folder: Path, budget: BudgetParams | None = None) -> Ledger:
    """The ledger of an engine in `folder`."""
    return Ledger(folder / "ledger.sqlite", budget or BudgetParams())


def echo(body: dict[str, Any]) -> Answer:
    """Answers with the question."""
    return completion(f"re: {body['messages'][-1]['content']}")


def texts(server: BatchServer, folder: Path, count: int = 5, **params: Any) -> list[str]:
    """The replies to so many questions, sorted."""
    engine = engine_for(server.url, folder, **params)
    return sorted(reply.text for reply in engine.generate(questions(count)))


def expected(count: int = 5) -> list[str]:
    """What `echo` says to so many questions, sorted."""
    return sorted(f"re: question {number}" for number in range(count))


def ask(url: str, folder: str, count: int, said: str = "") -> None:
    """Ask `count` questions in batches, then write how many were answered to the file `said`."""
    os.environ["OPENAI_API_KEY"] = KEY
    replies = list(engine_for(url, Path(folder)).generate(questions(count)))
    if said:
        Path(said).write_text(f"{len(replies)}")
