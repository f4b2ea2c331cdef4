"""Eval and mine_errors tell of one set of answers in one wording."""

from lai.core.records import Completion, Sample, Score
from lai.evaluation import outcomes
from lai.mining import mine


def test_what_was_cut_off_is_apart_from_no_answer_in_both():
    pool = [Sample(task="t", split="pool", input=str(n), reference="1") for n in range(7)]
    said = [
        Completion(
            parents=[one.id],
            sample=one.id,
            model="m",
            messages=[],
            completion="",
            stop_reason="stop",
        )
        for one in pool
    ]
    values = [("C", False), ("I", False), ("I", True), ("N", False), *[("N", True)] * 3]
    scores = [
        Score(
            parents=[one.id], sample=one.sample, scorer="number", value=value, answer=None,
            truncated=cut,
        )
        for one, (value, cut) in zip(said, values, strict=True)
    ]  # fmt: skip
    assert outcomes(scores) == "1 right, 2 wrong, 1 no answer, 3 truncated"
    errors, solved = mine(pool, said, scores)
    kinds = [error.error for error in errors]
    assert (len(solved), kinds.count("wrong"), kinds.count("no_answer")) == (1, 2, 1)
    assert kinds.count("truncated") == 3
    assert outcomes([]) == "0 right, 0 wrong, 0 no answer, 0 truncated"
