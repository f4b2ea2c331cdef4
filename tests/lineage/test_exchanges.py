"""What came of a reply that no record keeps."""

import pytest

from lai.asking import AGAIN, UNUSABLE
from lai.core import jsonl
from lai.core.records import Sample, Verdict
from lai.engines.base import Exchange, Reply, Request


@pytest.mark.parametrize("question", ["0 + 2?", "1 + 2? Add for iter1, 0.", "Add 4 (test 4)"])
def test_an_exchange_that_no_record_names_leads_to_the_question_asked(lai, root, question):
    """Such as a blind solve, which decides whether an exercise is taught."""
    turn = {"role": "user", "content": f"Solve this.\n{question}\nReply in JSON."}
    asked = Request(provider="p", model="m", messages=[turn], max_tokens=9)
    reply = Reply(request_key=asked.key, text="It is 2.", stop_reason="stop")
    exchange = Exchange(request=asked, reply=reply)
    jsonl.write(root / "data/iter1/transcripts/synthesize.jsonl", [exchange])
    held = jsonl.read(Sample, root / "data/splits/test.jsonl")
    held += jsonl.read(Sample, root / "data/splits/pool.jsonl")
    verdicts = jsonl.read(Verdict, root / "data/iter1/verdicts.jsonl")
    found = {one.id for one in held if one.input == question}
    found |= {one.id for one in verdicts if one.sample.input == question}
    assert found
    said = lai("trace", exchange.id, "--number", "9").partition("What came of it")[2]
    assert "no record names it; a check or a score may have used it, and its question is" in said
    assert {one for one in found if one in said} == found


def test_a_reply_that_did_not_fit_leads_to_the_one_after_the_complaint(lai, root):
    turn = {"role": "user", "content": "Solve this.\n0 + 2?\nReply in JSON."}
    complaint = {"role": "user", "content": f"{UNUSABLE}the reply holds no JSON object{AGAIN}"}
    turns = ([turn], [turn, {"role": "assistant", "content": "Hm."}, complaint])
    exchanges = []
    for draw in (0, 1):
        for messages, text in zip(turns, ("Hm.", "It is 2."), strict=True):
            asked = Request(provider="p", model="m", messages=messages, max_tokens=9, draw=draw)
            reply = Reply(request_key=asked.key, text=text, stop_reason="stop")
            exchanges.append(Exchange(request=asked, reply=reply))
    jsonl.write(root / "data/iter1/transcripts/synthesize.jsonl", exchanges)
    [sample] = [
        one for one in jsonl.read(Sample, root / "data/splits/pool.jsonl") if one.input == "0 + 2?"
    ]
    first, again, *others = exchanges
    said = lai("trace", first.id, columns=200).partition("What came of it")[2]
    assert f"its reply did not fit, and was asked for again:\n    └── {again.id}" in said
    assert not any(one.id in said for one in (sample, *others)), "nor that of another draw"
    said = lai("trace", again.id, columns=200).partition("What came of it")[2]
    assert "a check or a score may have used it" in said and sample.id in said
