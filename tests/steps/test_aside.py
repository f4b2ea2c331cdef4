"""What was found doubtful once is no lesson of a later iteration, whatever its strategy."""

import pytest

from lai.core import jsonl
from lai.core.params import load
from lai.core.records import Completion, Error, Sample, Score, Seed, Solved
from lai.core.reviewing import Decision, Suspect, without
from lai.estimation.rehearse import everything
from lai.tasks import kept
from stages import analyze, mine_errors
from tests.support.closure import ROOT
from tests.support.instructing import demo_errors, seeds_of

PARAMS = everything(load(ROOT / "params.yaml"))


@pytest.fixture
def pool(tmp_path, monkeypatch):
    """Five questions that iter1 got wrong, the first with a wrong reference; iter2 solves three."""
    tasks, samples, completions, _ = demo_errors("math", 5)
    wrong = Sample(**samples[0].model_dump(exclude={"id"}) | {"reference": "987654"})
    samples[0] = wrong
    fields = completions[0].model_dump(exclude={"id"})
    completions[0] = Completion(**fields | {"parents": [wrong.id], "sample": wrong.id})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prompts").symlink_to(ROOT / "prompts")
    kept.write(tasks)
    jsonl.write("data/splits/pool.jsonl", samples)
    jsonl.write("data/iter0/aside.jsonl", [])
    jsonl.write("data/iter0/gold_suspects.jsonl", [])
    jsonl.write("data/iter0/decisions.jsonl", [])
    for name, right in (("iter1", 0), ("iter2", 3)):
        jsonl.write(f"data/{name}/gold_suspects.jsonl", [])
        scores = [
            Score(parents=[one.id], sample=one.sample, scorer="number", answer=None,
                  value="C" if place < right else "I")
            for place, one in enumerate(completions)
        ]  # fmt: skip
        empty = {"contrast": [], "decisions": []}
        for file, records in ({"completions": completions, "scores": scores} | empty).items():
            jsonl.write(f"data/{name}/{file}.jsonl", records)
    return [sample.id for sample in samples]


def mined(iteration, previous):
    said = mine_errors.main(PARAMS, iteration, previous)
    errors = jsonl.read(Error, f"data/{iteration}/errors.jsonl")
    jsonl.write(f"data/{iteration}/seeds.jsonl", seeds_of(errors))
    solved = jsonl.read(Solved, f"data/{iteration}/solved.jsonl")
    return said, {one.sample for one in (*errors, *solved)}


def aside(iteration):
    return [one.sample for one in jsonl.read(Suspect, f"data/{iteration}/aside.jsonl")]


def test_a_suspect_stays_aside_until_a_person_calls_it_right(pool):
    assert mined("iter1", "iter0")[1] == set(pool)
    analyze.main(PARAMS, "iter1", "iter0")
    assert aside("iter1") == pool[:1]
    said, left = mined("iter2", "iter1")
    assert left == set(pool[1:]) and "2 solved, 1 doubtful question left out" in said
    analyze.main(PARAMS, "iter2", "iter1")
    assert jsonl.read(Suspect, "data/iter2/suspects.jsonl") == []
    assert aside("iter2") == pool[:1], "and what comes after iter2 knows it, too"
    right = Decision(parents=[pool[0]], sample=pool[0], word="right")
    jsonl.write("data/iter1/decisions.jsonl", [right])
    analyze.main(PARAMS, "iter1", "iter0")
    assert mined("iter2", "iter1")[1] == set(pool)


def test_a_pool_question_goes_with_the_error_that_makes_it_doubtful(pool):
    mined("iter1", "iter0")
    analyze.main(PARAMS, "iter1", "iter0")
    found = jsonl.read(Suspect, "data/iter1/suspects.jsonl")
    drawn = [Seed(parents=[one], strategy="augment", task="math", sample=one) for one in pool]
    assert without(found, drawn, [])[0] == drawn[1:]


def test_a_reference_that_a_baseline_was_to_teach_stays_aside_as_well(pool):
    mined("iter1", "iter0")
    analyze.main(PARAMS, "iter1", "iter0")
    [found] = jsonl.read(Suspect, "data/iter1/suspects.jsonl")
    jsonl.write("data/iter1/seeds.jsonl", [])
    analyze.main(PARAMS, "iter1", "iter0")
    assert mined("iter2", "iter1")[1] == set(pool), "no lesson starts from it: nobody looked"
    jsonl.write("data/iter1/gold_suspects.jsonl", [found])
    assert mined("iter2", "iter1")[1] == set(pool[1:])
    analyze.main(PARAMS, "iter2", "iter1")
    assert aside("iter2") == pool[:1]


def test_what_a_person_called_wrong_stays_aside_answered_as_its_reference_or_not(pool):
    said = [Decision(parents=[one], sample=one, word="wrong") for one in (pool[1], pool[4])]
    said.append(Decision(parents=[pool[2]], sample=pool[2], word="right"))
    jsonl.write("data/iter1/decisions.jsonl", said)
    jsonl.write("data/iter1/aside.jsonl", [])
    assert mined("iter1", "iter0")[1] == set(pool), "in iter1 it is a suspect"
    told, left = mined("iter2", "iter1")
    assert left == {pool[0], pool[2], pool[3]}
    assert "2 solved, 2 doubtful questions left out" in told
