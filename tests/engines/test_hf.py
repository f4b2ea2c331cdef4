"""The target in process: batches change no answer, stops and limits are told apart."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from lai.core.errors import PipelineError
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.engines import target
from lai.engines.base import Reply
from lai.engines.hf import cores, loading
from lai.engines.hf.batching import Job, batches
from lai.engines.hf.decoding import Decoder
from lai.engines.hf.engine import HfEngine
from tests.support import tiny_model
from tests.support.hf import QUESTIONS, RUNTIME, open_engine, request


@pytest.fixture(scope="module")
def engine(iter0: Path) -> HfEngine:
    return open_engine(iter0)


def by_key(replies: Iterator[Reply]) -> dict[str, Reply]:
    return {reply.request_key: reply for reply in replies}


@pytest.fixture(scope="module")
def answers(engine: HfEngine) -> dict[str, Reply]:
    return by_key(engine.generate(QUESTIONS))


def test_answers_are_those_of_a_plain_loop_without_batch_cache_or_padding(
    base: Path, answers: dict[str, Reply]
) -> None:
    model, tokenizer = loading.load_base(
        target.describe_base(str(base), None), TargetParams(model=str(base)), RUNTIME
    )
    for asked in QUESTIONS[:12]:
        prompt = f"{tiny_model.BEGIN}<user>{asked.messages[0]['content']}{tiny_model.TURN}\n"
        ids = tokenizer(prompt + "<assistant>", add_special_tokens=False)["input_ids"]
        new: list[int] = []
        while len(new) < 48 and (not new or new[-1] not in (1, 2)):
            with torch.inference_mode():
                new.append(int(model(torch.tensor([ids + new])).logits[0, -1].argmax()))
        reply = answers[asked.key]
        stopped = new[-1] in (1, 2)
        assert reply.stop_reason == ("stop" if stopped else "length")
        assert reply.text == tokenizer.decode(new, skip_special_tokens=True)
        assert reply.usage.completion_tokens == len(new)
        # One begin-of-sequence token: the template's, not the tokenizer's as well.
        assert reply.usage.prompt_tokens == len(ids)


def test_a_batch_gives_the_answers_of_one_by_one(
    engine: HfEngine, answers: dict[str, Reply]
) -> None:
    alone = [by_key(engine.generate([asked])) for asked in QUESTIONS]
    assert {key: reply for one in alone for key, reply in one.items()} == answers


def test_stops_and_limits_are_told_apart(engine: HfEngine, answers: dict[str, Reply]) -> None:
    assert {reply.stop_reason for reply in answers.values()} == {"stop", "length"}
    for reply in answers.values():
        cut = reply.usage.completion_tokens == 48
        assert reply.stop_reason == "length" or reply.usage.completion_tokens <= 48
        assert cut or reply.stop_reason == "stop"
        assert not any(token in reply.text for token in tiny_model.SPECIAL)
    few = by_key(engine.generate([request(str(i), max_tokens=3) for i in range(20)]))
    assert max(reply.usage.completion_tokens for reply in few.values()) == 3


def test_each_end_token_stops_the_tokenizers_and_the_generation_configs(engine: HfEngine) -> None:
    list(engine.generate(QUESTIONS[:1]))
    decoder = engine._decoder()
    assert decoder._stops == [1, 2]
    last = set()
    for job in decoder.jobs(QUESTIONS):
        while not job.done:
            decoder.advance([job])
        last.add(job.produced[-1] if job.stopped else None)
    assert last == {1, 2, None}


def test_a_stretched_answer_is_that_of_one_go(
    engine: HfEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [request(str(number), max_tokens=120) for number in range(8)]
    asked += [request(str(number), max_tokens=120, temperature=1.0) for number in range(8)]
    stretched = by_key(engine.generate(asked))
    assert max(reply.usage.completion_tokens for reply in stretched.values()) > 64
    monkeypatch.setattr("lai.engines.hf.batching.FIRST_STRETCH", 120)
    assert by_key(engine.generate(asked)) == stretched


def test_sampling_does_not_depend_on_the_batch(engine: HfEngine, answers: dict[str, Reply]) -> None:
    asked = [request(str(i), temperature=1.0, seed=1) for i in range(8)]
    together = by_key(engine.generate([*asked, *QUESTIONS[:8]]))
    assert [by_key(engine.generate([one]))[one.key] for one in asked] == [
        together[one.key] for one in asked
    ]
    assert all(together[one.key] == answers[one.key] for one in QUESTIONS[:8])
    redrawn = request("0", temperature=1.0, seed=2)
    assert by_key(engine.generate([redrawn]))[redrawn.key].text != together[asked[0].key].text


def test_the_same_group_whether_resumed_or_not(iter0: Path) -> None:
    runtime = RuntimeParams(device="cpu", batch_tokens=60)
    engine = open_engine(iter0, runtime)
    assert engine.commit_every == 5
    replies = list(engine.generate(QUESTIONS))
    kept = {reply.request_key for reply in replies[:15]}
    rest = [asked for asked in reversed(QUESTIONS) if asked.key not in kept]
    assert list(engine.generate(rest)) == replies[15:]


def test_batches_that_run_side_by_side_change_no_answer(
    iter0: Path, answers: dict[str, Reply], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cores, "threads", lambda: 8)
    decoder = open_engine(iter0)._decoder()
    assert (decoder.side_by_side, torch.get_num_threads()) == (4, 2)
    torch.set_num_threads(1)
    running, most = [0], [0]
    original = Decoder._continue

    def watched(self: Decoder, jobs: list[Job]) -> list[list[int]]:
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.05)
        try:
            return original(self, jobs)
        finally:
            running[0] -= 1

    monkeypatch.setattr(Decoder, "_continue", watched)
    engine = open_engine(iter0, RuntimeParams(device="cpu", batch_tokens=300))
    assert by_key(engine.generate(QUESTIONS)) == answers
    assert most[0] > 1
    torch.set_num_threads(1)


def test_batches_hold_the_token_budget() -> None:
    jobs = [Job(request(str(i)), [0] * (i % 50), limit=20 + i % 2) for i in range(200)]
    cut = list(batches(jobs, 512))
    assert sorted(id(job) for batch in cut for job in batch) == sorted(map(id, jobs))
    for batch in cut:
        assert len(batch) * max(job.width for job in batch) <= 512
        assert len({job.stretch for job in batch}) == 1
    assert [[len(job.prompt) for job in batch] for batch in batches([jobs[49]], 10)] == [[49]]


def test_what_is_left_of_the_context_is_the_limit(engine: HfEngine) -> None:
    long = request("y" * 190, max_tokens=200)
    (reply,) = engine.generate([long])
    assert reply.usage.prompt_tokens + reply.usage.completion_tokens <= 256
    with pytest.raises(PipelineError, match=r"no room for an answer in the 256 tokens.*'zzz"):
        next(engine.generate([QUESTIONS[0], request("z" * 300)]))


def test_options_reach_the_template_and_an_open_thought_is_no_answer(engine: HfEngine) -> None:
    asked = request("0", max_tokens=4, options={"thinking": True})
    (reply,) = engine.generate([asked])
    assert reply.text == ""
    (plain,) = engine.generate([request("0", max_tokens=4)])
    assert reply.usage.prompt_tokens == plain.usage.prompt_tokens + len("<think>\n")


def test_memory_that_runs_out_halves_the_batch(
    iter0: Path,
    answers: dict[str, Reply],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = Decoder._continue

    def small(self: Decoder, jobs: list[Job]) -> list[list[int]]:
        if len(jobs) > 6:
            raise torch.OutOfMemoryError("out of memory")
        return whole(self, jobs)

    monkeypatch.setattr(Decoder, "_continue", small)
    assert by_key(open_engine(iter0).generate(QUESTIONS)) == answers
    assert "out of memory with 29 answers at a time: going on with 15" in capsys.readouterr().err

    def none(self: Decoder, jobs: list[Job]) -> list[list[int]]:
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(Decoder, "_continue", none)
    with pytest.raises(PipelineError, match=r"does not fit in memory; lower target\.max_tokens"):
        list(open_engine(iter0).generate(QUESTIONS))


def test_nothing_heavy_is_imported_before_there_is_a_request(iter0: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from lai.engines.hf.engine import HfEngine;"
        "from lai.core.params.runtime import RuntimeParams;"
        "from lai.core.params.schema import TargetParams;"
        f"engine = HfEngine(Path({str(iter0)!r}), TargetParams(model='x'), RuntimeParams());"
        "list(engine.generate([]));"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.gpu
def test_a_gpu_computes_as_stored(iter0: Path, answers: dict[str, Reply]) -> None:
    engine = open_engine(iter0, RuntimeParams(device="cuda"))
    assert by_key(engine.generate(QUESTIONS)).keys() == answers.keys()
    assert engine._decoder()._model.dtype == torch.bfloat16
    exact = open_engine(iter0, RuntimeParams(device="cuda"), dtype="float32")
    assert by_key(exact.generate(QUESTIONS)) == answers
