"""metrics/final.json: the last iteration, and the one that the gate lets stand."""

import pytest

from lai.core import jsonl
from lai.core.records import Sample, Score
from lai.report import comparison
from lai.report.summary import final
from tests.support import reported


@pytest.mark.parametrize("good", reported.NAMES)
def test_the_iteration_that_stands_has_the_means_of_a_comparison(tmp_path, good):
    told = final(reported.write(tmp_path), [], good)
    held = jsonl.read(Sample, tmp_path / "data/splits/test.jsonl")
    tests = {sample.id: sample for sample in held}
    scores = jsonl.read(Score, tmp_path / "data" / good / "reeval_scores.jsonl")
    run = comparison.Run("le", 1, comparison.right(scores, tests), 3, 100)
    compared = comparison.compare([run], tests, reported.TASKS)["strategies"]["le"]
    stands = told.get("good", told)
    assert stands["mean"]["id"] == pytest.approx(compared["id_mean"], abs=1e-5)
    assert stands["mean"]["ood"] == pytest.approx(compared["ood_mean"], abs=1e-5)
    assert ("good" in told) is (good != reported.NAMES[-1])
    assert told.get("good", {}).get("iteration", reported.NAMES[-1]) == good
