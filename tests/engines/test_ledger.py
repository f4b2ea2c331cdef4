"""The ledger: what is counted, and that the caps hold."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lai.core.errors import PipelineError
from lai.core.params.runtime import BudgetParams, EndpointParams, PriceParams
from lai.core.records import Usage
from lai.engines.openai.endpoint import check_price, resolve
from lai.engines.store.caps import BudgetError
from lai.engines.store.ledger import Ledger
from lai.engines.store.spending import Spending, most_of, spent_on
from tests.support.openai_client import request
from tests.support.spending import MOST, REAL

NOTE = "instructor model-1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".cache" / "ledger.sqlite"


def ledger_at(path: Path, **caps: float) -> Ledger:
    return Ledger(path, BudgetParams(**caps))


def reserved(ledger: Ledger, key: str = "a", most: Spending = MOST) -> int:
    ticket = ledger.reserve(key, most, NOTE)
    assert ticket is not None
    return ticket


def test_what_became_of_each_call_is_counted(path: Path) -> None:
    ledger = ledger_at(path)
    settled, released, doubted, _ = (reserved(ledger) for _ in range(4))
    ledger.settle(settled, REAL)
    ledger.release(released)
    ledger.doubtful(doubted)
    assert ledger.totals().by_note == {
        (NOTE, "settled"): REAL,
        (NOTE, "doubtful"): MOST,
        (NOTE, "in flight"): MOST,
    }
    assert ledger.totals().of("settled", "doubtful").calls == 2


def test_a_doubtful_call_may_be_settled_and_a_settled_one_is_final(path: Path) -> None:
    ledger = ledger_at(path)
    ticket = reserved(ledger)
    ledger.doubtful(ticket)
    ledger.settle(ticket, REAL)
    for change in (ledger.release, ledger.doubtful, lambda ticket: ledger.settle(ticket, MOST)):
        with pytest.raises(ValueError, match="settled"):
            change(ticket)
    assert ledger.totals().by_note == {(NOTE, "settled"): REAL}


@pytest.mark.parametrize(
    ("caps", "words"),
    [
        ({"calls": 2}, r"budget\.calls is 2, 2 is spent and the next call may take 1;"),
        ({"tokens": 150}, r"budget\.tokens is 150, 120 is spent and the next call may take 100;"),
        ({"cost": 0.02}, r"budget\.cost is 0\.02, 0\.0120 is spent and .* may take 0\.0100;"),
    ],
)
def test_a_call_that_would_pass_a_cap_is_refused(
    path: Path, caps: dict[str, float], words: str
) -> None:
    spender = ledger_at(path)
    for _ in range(2):
        spender.settle(reserved(spender), REAL)
    ledger = ledger_at(path, **caps)
    with pytest.raises(BudgetError, match=words) as caught:
        ledger.reserve("next", MOST, NOTE)
    assert "everything paid for is kept" in str(caught.value)
    (name,) = caps
    assert caught.value.cap == name
    reserved(ledger_at(path, **{name: 10 * caps[name]}))


def test_a_cap_is_met_exactly(path: Path) -> None:
    ledger = ledger_at(path, cost=0.3)
    for _ in range(3):
        ledger.settle(reserved(ledger), Spending(1, 1, 0.1))
    with pytest.raises(BudgetError):
        ledger.reserve("next", Spending(1, 1, 1e-9), NOTE)


def test_calls_in_flight_are_waited_for(path: Path) -> None:
    ledger = ledger_at(path, tokens=200)
    first, second = reserved(ledger), reserved(ledger)
    assert ledger.reserve("third", MOST, NOTE) is None
    ledger.settle(first, Spending(1, 100, 0))
    assert ledger.reserve("third", MOST, NOTE) is None
    ledger.release(second)
    reserved(ledger)
    with pytest.raises(BudgetError):
        ledger.reserve("large", Spending(1, 101, 0), NOTE)


def test_a_batch_holds_what_fits_and_is_not_waited_for(path: Path) -> None:
    ledger = ledger_at(path, calls=5)
    flying = reserved(ledger)
    calls = [(str(number), MOST) for number in range(9)]
    assert ledger.hold("a batch", calls, NOTE) == 4
    assert ledger.hold("another", calls[4:], NOTE) == 0
    ledger.release(flying)
    assert ledger.hold("another", calls[4:], NOTE) == 1
    with pytest.raises(BudgetError, match=r"5 is spent \(5 of it held by batches\)"):
        ledger.reserve("live", MOST, NOTE)
    held = ledger_at(path).held("a batch")
    assert sorted(held) == ["0", "1", "2", "3"]
    ledger.settle(held["0"], REAL)
    assert sorted(ledger.held("a batch")) == ["1", "2", "3"]


def test_a_new_run_counts_from_zero_and_keeps_the_old_one(path: Path) -> None:
    ledger = ledger_at(path, calls=1)
    ledger.settle(reserved(ledger), MOST)
    assert ledger.start_run() == 2
    ledger.settle(reserved(ledger), REAL)
    assert ledger.totals().by_note == {(NOTE, "settled"): REAL}
    assert ledger.totals(1).by_note == {(NOTE, "settled"): MOST}


def test_what_is_under_way_goes_over_into_a_new_run(path: Path) -> None:
    ledger = ledger_at(path, calls=4)
    late, lost = reserved(ledger), reserved(ledger)
    ledger.doubtful(lost)
    assert ledger.hold("batch", [("b", MOST)], NOTE) == 1
    assert ledger.hold("forgotten", [("f", MOST)], NOTE) == 1
    ledger.start_run(lambda: ["batch"])
    assert ledger.totals(1).by_note == {(NOTE, "doubtful"): MOST + MOST}
    assert ledger.totals().of("in flight", "held") == MOST + MOST
    assert [ledger.hold("next", [("n", MOST)] * 9, NOTE), ledger.held("forgotten")] == [2, {}]
    ledger.settle(late, REAL)
    ledger.settle(ledger.held("batch")["b"], REAL)
    assert ledger.totals().of("settled") == REAL + REAL
    assert ledger.totals(1).of("settled") == Spending()


def test_what_is_sent_while_a_new_run_starts_counts_in_it(path: Path) -> None:
    ledger, other = ledger_at(path), ledger_at(path)
    sent = threading.Thread(target=other.hold, args=("batch", [("b", MOST)], NOTE))

    def under_way() -> list[str]:
        sent.start()
        sent.join(0.3)
        return []

    ledger.start_run(under_way)
    sent.join()
    assert ledger.totals().of("held") == MOST


def test_threads_together_never_pass_a_cap(path: Path) -> None:
    ledger = ledger_at(path, calls=200)
    together = threading.Barrier(8)

    def spend(_: int) -> int:
        together.wait(10)
        sent = 0
        while True:
            try:
                ticket = ledger.reserve("key", MOST, NOTE)
            except BudgetError:
                return sent
            if ticket is not None:
                sent += 1
                ledger.settle(ticket, REAL)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(spend, range(8))) == 200


def test_one_call_never_costs_more_than_was_set_aside() -> None:
    price = PriceParams(input=2.0, output=8.0)
    schema = {"title": "Ä", "description": "\ud800 half a pair"}
    asked = request("🙂\ud800" * 100, json_schema=schema, max_tokens=50)
    most = most_of(asked, price)
    # A byte each, and half of a pair is sent as U+FFFD, of three.
    prompt = 100 * (4 + 3) + len('{"title": "Ä", "description": "??? half a pair"}'.encode())
    assert most.tokens >= prompt + 50
    usage = Usage(prompt_tokens=prompt, completion_tokens=50)
    assert most.cost > spent_on(usage, price).cost == pytest.approx((2 * prompt + 400) / 1e6)
    for field in ("options", "extra_body"):
        rendered = request("", **{field: {"documents": [{"text": "x" * 500}]}})
        assert most_of(rendered, price).tokens >= most_of(request(""), price).tokens + 500
    assert spent_on(usage, None) == Spending(1, prompt + 50, 0.0)


def test_no_figure_is_too_great_to_be_written_down(path: Path) -> None:
    ledger = ledger_at(path, cost=1e9)
    ledger.settle(reserved(ledger), Spending(1, 10**30, 1e300))
    with pytest.raises(BudgetError, match=r"runtime\.budget\.cost"):
        reserved(ledger)


@pytest.mark.usefixtures("environment")
def test_a_cap_on_a_cost_that_cannot_be_counted_is_refused() -> None:
    def check(url: str | None, price: PriceParams | None, budget: BudgetParams) -> None:
        params = EndpointParams(base_url=url, price=price)
        check_price(resolve(params, "judge"), params, "judge", budget)

    cap, price = BudgetParams(cost=5.0), PriceParams(input=1.0, output=1.0)
    check(None, None, BudgetParams(calls=5))
    check(None, price, cap)
    for here in ("localhost:8000", "127.1.2.3:80", "[::1]:8000", "0.0.0.0:80", "vllm.localhost"):
        check(f"http://{here}/v1", None, cap)
    check("http://10.0.0.7/v1", PriceParams(input=0.0, output=0.0), cap)
    for url in (None, "http://10.0.0.7/v1", "http://gateway:4000/v1", "http://llm.internal/v1"):
        with pytest.raises(
            PipelineError, match=r"judge\.price is null; add price: .*\(zeros where"
        ):
            check(url, None, cap)


def test_a_damaged_file_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database, although long enough to be one" * 100)
    with pytest.raises(PipelineError, match=r"ledger\.sqlite is damaged .*counts for no cap"):
        ledger_at(path)


def test_a_file_that_cannot_be_written_is_named(path: Path) -> None:
    ledger = ledger_at(path)
    with sqlite3.connect(path) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.close()
    ledger._connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(PipelineError, match=r"cannot write .*ledger\.sqlite: .*full"):
        for number in range(1000):
            reserved(ledger, f"{number}" * 50)
    ledger._connection.execute("PRAGMA max_page_count=1000000")
    before = ledger.totals().of("in flight").calls
    reserved(ledger)
    assert ledger.totals().of("in flight").calls == before + 1
