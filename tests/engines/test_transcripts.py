"""What was heard is kept beside the store, and comes back into another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from lai.asking import Shape, ask
from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.engines.base import Engine, Exchange
from lai.engines.store.cache import Cached
from lai.engines.store.database import Store
from lai.engines.store.transcripts import Restored, Transcribed, restore
from tests.support.asking import Batches, questions, reply_to
from tests.support.instructing import Scripted


class Answer(Shape):
    answer: str


def closed() -> Engine:
    raise PipelineError("no key for https://api.example.com/v1")


def exchanges(count: int, **changes: object) -> list[Exchange]:
    asked = [one.model_copy(update=changes) for one in questions(count)]
    return [Exchange(request=one, reply=reply_to(one)) for one in asked]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "responses.sqlite"


def test_a_transcript_has_what_was_stored_and_what_was_asked_each_once(path, tmp_path):
    list(Cached(Batches(tmp_path / "journal"), path).generate(questions(3)))
    engine = Transcribed(Batches(tmp_path / "journal"), path)
    list(engine.generate(questions(5)))
    list(engine.generate(questions(2)))
    assert (engine.asked, engine.cached) == (2, 5)
    assert sorted(engine.transcript(), key=str) == sorted(exchanges(5), key=str)


def test_a_first_reply_of_no_use_stands_beside_the_second(path):
    engine = Transcribed(Scripted("no JSON", '{"answer": "4"}'), path)
    [asked] = ask(engine, questions(1), Answer).values()
    assert [one.reply.text for one in engine.transcript()] == ["no JSON", '{"answer": "4"}']
    assert asked.request.key in {one.request.key for one in engine.transcript()}
    engine.forget([asked.request.key])
    assert [one.reply.text for one in engine.transcript()] == ["no JSON"]


def test_of_a_caller_that_stops_early_the_rest_is_stored_but_was_not_heard(path, tmp_path):
    engine = Transcribed(Batches(tmp_path / "journal"), path)
    for _ in engine.generate(questions(8)):
        break
    with Store(path) as store:
        assert len(store.get([one.key for one in questions(8)])) == 4, "a batch is stored as one"
    assert len(list(engine.transcript())) == 1


def test_an_engine_is_opened_for_the_first_request_that_is_missing(path):
    restore(exchanges(3), path)
    engine = Transcribed(closed, path)
    assert len(list(engine.generate(questions(3)))) == 3
    with pytest.raises(PipelineError, match="no key"):
        list(engine.generate(questions(4)))
    with pytest.raises(PipelineError, match="no key"):
        engine.open()


def test_a_line_of_a_transcript_that_was_edited_or_mixed_up_is_found_out(tmp_path):
    first, second = exchanges(2)
    path = tmp_path / "analyze.jsonl"
    jsonl.write(path, [first, second])
    assert jsonl.read(Exchange, path) == sorted([first, second], key=lambda one: one.id)
    path.write_text(path.read_text().replace("re: question 1", "re: question 9"))
    with pytest.raises(PipelineError, match=r"analyze\.jsonl:\d is no exchange: .*this content"):
        jsonl.read(Exchange, path)
    with pytest.raises(ValueError, match="belongs to another request"):
        Exchange(request=first.request, reply=second.reply)


def test_restoring_leaves_what_the_store_has_unless_told_otherwise(path):
    theirs = [
        Exchange(request=one.request, reply=one.reply.model_copy(update={"text": "other"}))
        for one in exchanges(4)
    ]
    tutored = exchanges(2, provider="builtin")
    assert restore(exchanges(2), path) == Restored(put=2)
    assert restore([*theirs, *tutored], path) == Restored(put=2, other=2, free=2)
    assert texts(path) == {"re: question 0", "re: question 1", "other"}
    assert restore(exchanges(2), path) == Restored(known=2)
    assert restore(theirs, path, replace=True) == Restored(known=2, other=2)
    assert texts(path) == {"other"}


def test_what_served_several_iterations_is_counted_once(path):
    tutored = exchanges(2, provider="builtin")
    given = [*exchanges(3), *tutored, *exchanges(3), *tutored]
    assert restore(given, path) == Restored(put=3, free=2)
    assert restore(given, path) == Restored(known=3, free=2)


def texts(path: Path) -> set[str]:
    with Store(path) as store:
        keys = [one.key for one in questions(4)]
        return {reply.text for reply in store.get(keys).values()}
