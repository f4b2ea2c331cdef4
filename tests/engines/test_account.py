"""What the live client writes down of each call, and that it never passes a cap."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lai.core.errors import PipelineError
from lai.core.params.runtime import BudgetParams, EndpointParams, PriceParams
from lai.engines.openai.engine import OpenAIEngine
from lai.engines.store.cache import Cached
from lai.engines.store.caps import BudgetError
from lai.engines.store.ledger import Ledger
from lai.engines.store.spending import Spending
from tests.support.openai_client import OK, request
from tests.support.openai_server import Answer, Script, Server, completion, in_turn, problem

pytestmark = pytest.mark.usefixtures("environment")
PRICE = PriceParams(input=1e6, output=2e6)
"""One a prompt token, two an output token: OK costs 7 + 2 x 3."""
NOTE = "instructor model-1"
Asked = Callable[..., tuple[int, Ledger]]


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    """Ask `count` questions of a server below `budget`; how many replies came, and the ledger."""
    ledgers: list[Ledger] = []

    def ask(
        script: Script, count: int = 1, budget: dict[str, Any] | None = None, **params: Any
    ) -> tuple[int, Ledger]:
        ledger = Ledger(tmp_path / "ledger.sqlite", BudgetParams.model_validate(budget or {}))
        ledgers.append(ledger)
        with Server(script) as server:
            endpoint = EndpointParams(base_url=server.url, price=PRICE, max_retries=1, **params)
            engine = OpenAIEngine(endpoint, ledger=ledger, backoff=0.01)
            cached = Cached(engine, tmp_path / "responses.sqlite")
            received = 0
            with suppress(PipelineError) if budget is None else nullcontext():
                for _ in cached.generate([request(str(n)) for n in range(count)]):
                    received += 1
        return received, ledger

    yield ask
    for ledger in ledgers:
        ledger.close()


def test_an_answer_is_settled_at_what_it_took_and_a_stored_one_costs_nothing(asked: Asked) -> None:
    assert asked(lambda _: OK, 3)[0] == 3
    received, ledger = asked(lambda _: OK, 4)
    assert received == 4
    assert ledger.totals().by_note == {(NOTE, "settled"): Spending(4, 40, 4 * 13.0)}


def test_errors_are_calls_that_cost_nothing(asked: Asked) -> None:
    _, ledger = asked(in_turn(problem(500, "busy"), OK))
    assert ledger.totals().by_note == {(NOTE, "settled"): Spending(2, 10, 13.0)}


@pytest.mark.parametrize(
    "lost",
    [
        replace(OK, delay=0.6),
        replace(OK, cut=20),
        Answer(200, "<html>gateway</html>"),
        completion("fine", usage_missing=True),
    ],
    ids=["time-out", "cut", "html", "no usage"],
)
def test_what_may_have_been_billed_counts_in_full(asked: Asked, lost: Answer) -> None:
    if "usage_missing" in str(lost.body):
        lost = replace(lost, body=str(lost.body).replace('"usage"', '"usages"'))
    _, ledger = asked(lambda _: lost, timeout=0.3)
    totals = ledger.totals()
    doubtful = totals.of("doubtful")
    assert doubtful.calls >= 1
    assert doubtful.cost > 2 * 50, "max_tokens of output at least"
    assert totals.of("in flight", "held") == Spending()


def test_a_request_that_never_left_is_not_counted(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite", BudgetParams()) as ledger:
        engine = OpenAIEngine(EndpointParams(base_url="http://127.0.0.1:9/v1"), ledger=ledger)
        with pytest.raises(PipelineError, match="nobody listens"):
            list(engine.generate([request()]))
        assert ledger.totals().by_note == {}


@pytest.mark.parametrize("cap", ["cost", "calls", "tokens"])
def test_a_cap_is_never_passed_and_raising_it_goes_on(
    asked: Asked, tmp_path: Path, cap: str
) -> None:
    paid = []
    lock = threading.Lock()

    def script(_: dict[str, Any]) -> Answer:
        with lock:
            paid.append(1)
        return replace(OK, delay=0.01)

    figures = {"cost": 10 * 13.0 + 600, "calls": 10, "tokens": 10 * 10 + 400}
    with pytest.raises(BudgetError, match=rf"runtime\.budget\.{cap} is .* everything paid for is"):
        asked(script, 40, {cap: figures[cap]}, concurrency=8)
    first = len(paid)
    assert 0 < first < 40
    with Ledger(tmp_path / "ledger.sqlite", BudgetParams()) as ledger:
        spent = ledger.totals().of("settled", "doubtful", "in flight")
    assert getattr(spent, cap) <= figures[cap]
    received, _ = asked(script, 40, {cap: figures[cap] * 100}, concurrency=8)
    assert received == 40
    assert len(paid) == 40, "nothing was paid for twice"


def test_a_cost_cap_without_a_price_is_refused(tmp_path: Path) -> None:
    budget = BudgetParams(cost=1.0)
    with Ledger(tmp_path / "ledger.sqlite", budget) as ledger:
        endpoint = EndpointParams(base_url="https://api.example.org/v1")
        with pytest.raises(PipelineError, match=r"nobody can count: runtime\.instructor\.price"):
            OpenAIEngine(endpoint, ledger=ledger)
