"""What came of a reply that no record keeps."""

import pytest

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
    assert "no record was made of it; a check or a score that used it was about:" in said
    assert {one for one in found if one in said} == found
