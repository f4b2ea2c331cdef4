"""`lai preview` where the target answers behind a server, and is paid for."""

import re

from tests.support import gsm8k, repository
from tests.support.estimating import PRICE, lai


def test_what_a_preview_asks_the_target_is_kept_shown_and_written_down(tmp_path, server):
    paid = repository.make(tmp_path / "paid", **gsm8k.params(server.url))
    endpoint = {"base_url": server.url, "price": PRICE}
    paid.set(
        target={"engine": "openai", "provider": "loopback", "model": "target"},
        runtime={"instructor": endpoint, "target": endpoint},
        synthesize__checks={"too_easy": True},
    )
    paid.run("dvc", "repro", "mine_errors@iter1")
    answered = len(server.bodies)
    done = lai(paid, "preview", "--errors", "1")
    assert done.returncode == 0, done.stdout
    calls = {
        role: int(re.search(rf"^{role}: (\d+) calls asked", done.stdout, re.MULTILINE)[1])
        for role in ("instructor", "target")
    }
    assert calls["target"] > 0 and sum(calls.values()) == len(server.bodies) - answered
    assert "--- target: reply (7 + 3 tokens, 0.000019)" in done.stdout
    budget = lai(paid, "budget").stdout
    assert re.search(rf"^in all +{len(server.bodies)} ", budget, re.MULTILINE), budget

    again = lai(paid, "preview", "--errors", "1")
    assert "target: 0 calls asked" in again.stdout, again.stdout
    assert len(server.bodies) == answered + sum(calls.values())
