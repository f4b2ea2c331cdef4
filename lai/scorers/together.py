"""Many answers scored at once."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from lai import sandbox
from lai.scorers.base import Judgement, Question, Scorer


def judge(items: Iterable[tuple[Scorer, Question, str, bool]]) -> list[Judgement]:
    """A judgement of each (scorer, question, response, whether it was cut off), in order.

    Scorers that wait on other processes run in as many threads as programs run side by side.
    """
    with ThreadPoolExecutor(sandbox.workers()) as pool:
        waiting = [
            (pool.submit(scorer, question, text, cut) if scorer.parallel else None, item)
            for item in items
            for scorer, question, text, cut in [item]
        ]
        return [
            future.result() if future else scorer(question, text, cut)
            for future, (scorer, question, text, cut) in waiting
        ]
