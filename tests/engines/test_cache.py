"""The store of replies: nothing is paid for twice."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from lai.core.errors import PipelineError
from lai.core.params.runtime import EndpointParams, PriceParams
from lai.core.records import Usage
from lai.engines.base import Reply, Request
from lai.engines.openai.engine import OpenAIEngine
from lai.engines.openai.flight import Loop, Stopping, as_finished
from lai.engines.store.cache import Cached
from lai.engines.store.claims import claims_at
from lai.engines.store.database import Store
from tests.support.asking import Batches, questions, reply_to
from tests.support.openai_server import Server

pytestmark = pytest.mark.timeout(60)


class Counting:
    """A streaming engine that counts what it is asked and answers from a function."""

    commit_every = 1

    def __init__(self, answer: Callable[[Request], Reply] = reply_to, width: int = 1) -> None:
        self.asked: list[str] = []
        self._answer = answer
        self._width = width

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        for replies in self.stream(requests):
            yield from replies

    def stream(self, requests: Iterable[Request]) -> Iterator[list[Reply]]:
        async def work(request: Request, _: Stopping) -> Reply:
            self.asked.append(request.key)
            return await asyncio.to_thread(self._answer, request)

        return as_finished(Loop(), work, requests, lambda: self._width)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".cache" / "responses.sqlite"


def stored(path: Path, requests: Sequence[Request]) -> int:
    with Store(path) as store:
        return len(store.get([request.key for request in requests]))


def test_what_is_stored_is_not_asked_again(path: Path) -> None:
    inner = Counting()
    first = list(Cached(inner, path).generate(questions(3)))
    assert [reply.text for reply in first] == [f"re: question {number}" for number in range(3)]
    cached = Cached(inner, path)
    assert list(cached.generate(questions(5)))[:3] == first
    assert len(inner.asked) == 5
    assert (cached.cached, cached.asked) == (3, 2)
    assert cached.usage == Usage(prompt_tokens=10, completion_tokens=4)
    assert cached.summary() == "2 calls asked (14 tokens), 3 from the cache"
    local = Cached(inner, path, local=True)
    list(local.generate(questions(6)))
    assert local.summary() == "1 question asked (7 tokens), 5 from the cache"


def test_what_a_server_does_not_tell_is_not_said_to_be_nothing(path: Path) -> None:
    told: set[str] = set()

    def answer(request: Request) -> Reply:
        reply = reply_to(request)
        return reply if request.key in told else reply.model_copy(update={"usage": Usage()})

    cached = Cached(Counting(answer), path, price=PriceParams(input=1.0, output=1.0))
    list(cached.generate(questions(2)))
    assert cached.summary() == "2 calls asked (tokens not told), 0 from the cache"
    told.add(questions(3)[2].key)
    list(cached.generate(questions(3)))
    assert "7 tokens, cost 0.0000070, and what 2 took is not told" in cached.told()


def test_of_recorded_answers_none_is_said_to_be_asked(path: Path) -> None:
    for _ in range(2):  # the second time out of the store
        recorded = Cached(Counting(), path, recorded=True)
        list(recorded.generate(questions(3)))
        assert recorded.summary() == "3 recorded answers read"


def test_no_claim_outlives_its_request(path: Path, tmp_path: Path) -> None:
    def answer(request: Request) -> Reply:
        if request == questions(4)[3]:
            raise PipelineError("server down")
        return reply_to(request)

    with pytest.raises(PipelineError):
        list(Cached(Counting(answer), path).generate(questions(5)))
    list(Cached(Batches(tmp_path / "journal"), path).generate(questions(9)[5:]))
    claims = claims_at(path.with_suffix(".locks"))
    assert all(claims.take(request.key) for request in questions(9))


def test_equal_requests_are_asked_and_yielded_once(path: Path) -> None:
    inner = Counting()
    assert len(list(Cached(inner, path).generate(questions(2) * 3))) == 2
    assert len(inner.asked) == 2


def test_every_field_of_a_reply_comes_back_whatever_it_holds(path: Path) -> None:
    awkward = "nul \x00, half \ud83d, whole \U0001f600, line\u2028end"

    def answer(request: Request) -> Reply:
        return Reply(
            request_key=request.key,
            text=awkward,
            reasoning=awkward[::-1],
            stop_reason="length",
            usage=Usage(prompt_tokens=1),
        )

    engine = Cached(Counting(answer), path)
    (first,) = engine.generate(questions(1))
    (again,) = engine.generate(questions(1))
    assert first == again == answer(questions(1)[0])


def test_a_reply_is_stored_before_it_is_yielded(path: Path) -> None:
    for seen, _ in enumerate(Cached(Counting(), path).generate(questions(5)), 1):
        assert stored(path, questions(5)) >= seen


def test_a_batch_is_stored_as_one(path: Path, tmp_path: Path) -> None:
    batches = Cached(Batches(tmp_path / "journal"), path)
    counts = [stored(path, questions(10)) for _ in batches.generate(questions(10))]
    assert counts == [4, 4, 4, 4, 8, 8, 8, 8, 10, 10]


def test_replies_before_a_failure_are_kept(path: Path) -> None:
    def answer(request: Request) -> Reply:
        if request == questions(4)[3]:
            raise PipelineError("server down")
        return reply_to(request)

    received = []
    with pytest.raises(PipelineError, match="server down"):
        for reply in Cached(Counting(answer), path).generate(questions(9)):
            received.append(reply)
    assert len(received) == stored(path, questions(9)) == 3
    assert len(list(Cached(Counting(), path).generate(questions(9)))) == 9


def slow_but_for_the_first(request: Request) -> Reply:
    time.sleep(0.0 if request == questions(1)[0] else 0.3)
    return reply_to(request)


def test_a_caller_that_stops_early_loses_nothing_that_is_in_flight(path: Path) -> None:
    inner = Counting(slow_but_for_the_first, width=4)
    engine = Cached(inner, path)
    for _ in engine.generate(questions(50)):
        break
    assert len(inner.asked) == stored(path, questions(50)) == engine.asked == 4


def test_an_engine_that_drops_a_request_is_found_out(path: Path) -> None:
    class Dropping(Batches):
        def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
            return super().generate(requests[1:])

    with pytest.raises(PipelineError, match="no answer to 1 requests"):
        list(Cached(Dropping(path.with_suffix(".txt")), path).generate(questions(3)))


def test_asking_within_asking_is_fine_but_for_the_same_request(path: Path) -> None:
    engine = Cached(Counting(slow_but_for_the_first, width=2), path)
    inner = Cached(Counting(), path)
    outer = engine.generate(questions(4))
    next(outer)
    assert len(list(inner.generate(questions(20)[10:]))) == 10
    with pytest.raises(RuntimeError, match="finish the first one"):
        list(inner.generate(questions(4)))
    assert len(list(outer)) == 3
    assert len(list(inner.generate(questions(4)))) == 4


def test_two_threads_share_the_work(path: Path) -> None:
    def answer(request: Request) -> Reply:
        time.sleep(0.01)
        return reply_to(request)

    inner = Counting(answer, width=4)
    replies: list[int] = []

    def run() -> None:
        replies.append(len(list(Cached(inner, path).generate(questions(60)))))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies == [60, 60, 60]
    assert Counter(inner.asked).most_common(1)[0][1] == 1


def test_the_real_engine_behind_the_cache(path: Path) -> None:
    with Server() as server:
        engine = Cached(OpenAIEngine(EndpointParams(base_url=server.url)), path)
        first = list(engine.generate(questions(30)))
        again = list(engine.generate(questions(30)))
        assert sorted(first, key=str) == sorted(again, key=str)
        assert len(server.bodies) == 30
        assert (engine.asked, engine.cached) == (30, 30)
