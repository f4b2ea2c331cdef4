"""A target behind a server through the DAG: what it is asked is paid for, and counted."""

import json
from collections import Counter

from lai.estimation import past
from tests.support import gsm8k, repository
from tests.support.estimating import PRICE
from tests.support.openai_server import Server, tutor


def test_what_too_easy_asks_the_target_is_in_the_figures_and_in_the_line(tmp_path):
    with Server(tutor) as server:
        params = gsm8k.params(server.url) | {"synthesize__checks": {"too_easy": True}}
        params["target"] = {"engine": "openai", "provider": "loopback", "model": "target"}
        params["runtime"]["instructor"]["price"] = PRICE
        dear = {name: 2 * price for name, price in PRICE.items()}
        params["runtime"]["target"] = {"base_url": server.url, "price": dear}
        params.pop("target__max_tokens")
        made = repository.make(tmp_path / "loop", **params)
        made.run("dvc", "repro", "mine_errors@iter1")
        answered = len(server.bodies)
        said = made.run("dvc", "repro", "synthesize@iter1").stdout
    received = Counter(body["model"] for body in server.bodies[answered:])
    asked, solved = received["instructor"], received["target"]
    figures = json.loads((made.path / "data/iter1/synthesis.json").read_text())
    used = figures["used"]
    assert used["target"] == {
        "replies": solved,
        "prompt_tokens": 7 * solved,
        "completion_tokens": 3 * solved,
    }
    assert used["analyze"]["replies"] + used["synthesize"]["replies"] == asked
    assert figures["calls"] == asked + solved and figures["tokens"] == 10 * (asked + solved)
    assert figures["cost"] == round(19e-6 * (asked + 2 * solved), 6)
    line = next(line for line in said.splitlines() if line.startswith("synthesize iter1: "))
    assert f", of the target {solved} calls asked ({10 * solved} tokens, cost " in line
    instructed = past.means({"iter1": ["synthesize"]}, made.path / "data")["synthesize"]
    assert instructed.replies == used["synthesize"]["replies"] == asked - used["analyze"]["replies"]
