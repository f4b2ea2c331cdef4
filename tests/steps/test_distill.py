"""Solutions that `distill` teaches go through the checks that those of exercises go through."""

import json

import pytest

from lai.core import jsonl
from lai.core.params import load
from lai.core.params.checks import ChecksParams
from lai.core.params.schema import InstructorParams, SynthesizeParams
from lai.core.params.tasks import Task
from lai.core.records import Error, Sample, TrainRow, Verdict
from lai.core.reviewing import Decision, Decisions, Suspect
from lai.engines import stand_in
from lai.estimation.rehearse import everything
from lai.instruction.direct import Source
from lai.instruction.material import Material
from lai.tasks import kept
from lai.verification import Verifier
from stages import synthesize
from tests.support.closure import ROOT
from tests.support.instructing import Scripted

TASKS = {"sums": Task(family="math", role="id", scorer="number", prompt="number")}
ASKED = Sample(
    task="sums", split="pool", reference="36",
    input="Mia has 3 boxes of 12 eggs each. How many eggs does she have in all?",
)  # fmt: skip
FAILED = Error(
    parents=["completion_1"], sample=ASKED.id, task="sums", error="wrong", answer="1",
    reference="36", completion="completion_1",
)  # fmt: skip
ALL = ("not_held_out", "language", "arithmetic", "answer")
GOOD = "She has 3 boxes of 12 eggs, which makes 3 * 12 = 36 eggs.\nThe answer is 36."
SLIP = "She has 3 boxes of 12 eggs, which makes 3 * 12 = 37 eggs.\nThe answer is 36."
GERMAN = "Die Eier werden gezählt, und so erhält man das gesuchte Ergebnis.\nThe answer is 36."


def distilled(solution, checks=None, word=None):
    """The verdict on a solution; `word`: what a person said of it."""
    verifier = Verifier(TASKS, [], [ASKED], [], checks=checks)

    def of(said):
        asked = (Material([ASKED], []), TASKS, Scripted(json.dumps({"solution": solution})))
        params = (InstructorParams(), SynthesizeParams(budget=1), 1)
        source = Source(
            *asked, *params, decisions=said, held_out=verifier.held_out,
            checks=verifier.free.solution,
        )  # fmt: skip
        found = source.teach({("sums", "distill"): 1}, [FAILED], [], "iter1")
        [verdict] = found.verdicts
        assert len(found.rows) == verdict.accepted
        return verdict

    verdict = of(Decisions())
    if word:
        made = verdict.sample.id
        verdict = of(Decisions([Decision(parents=[made], sample=made, word=word)]))
    return verdict


@pytest.mark.parametrize(
    ("solution", "failing"), [(GOOD, []), (SLIP, ["arithmetic"]), (GERMAN, ["language"])]
)
def test_a_right_answer_with_a_slip_or_in_another_language_is_not_taught(solution, failing):
    verdict = distilled(solution)
    assert [one.name for one in verdict.checks] == list(ALL)
    assert [one.name for one in verdict.checks if not one.passed] == failing
    assert verdict.accepted == (not failing)


def test_a_check_that_is_off_says_nothing_and_a_person_overrules_it():
    verdict = distilled(SLIP, ChecksParams(arithmetic=False))
    assert verdict.accepted and "arithmetic" not in {one.name for one in verdict.checks}
    assert distilled(SLIP, word="accept").accepted
    assert not distilled(GOOD, word="reject").accepted


def synthesized(monkeypatch, folder, strategy, replies):
    """Run the stage on one pool question that the target got wrong."""
    monkeypatch.chdir(folder)
    (folder / "prompts").symlink_to(ROOT / "prompts")
    kept.write(TASKS)
    empty = (
        *("seeds", "suspects", "analyses", "analysis_failures", "weaknesses", "solved"),
        *("completions", "decisions"),
    )
    for name, records in {
        "splits/pool": [ASKED], "splits/dev": [], "splits/test": [], "splits/undrawn": [],
        "iter0/errors": [], "iter0/seeds": [], "iter0/train": [],
        **{f"iter1/{name}": [] for name in empty}, "iter1/errors": [FAILED],
    }.items():  # fmt: skip
        jsonl.write(f"data/{name}.jsonl", records)
    used = {"replies": 0, "prompt_tokens": 0, "completion_tokens": 0}
    jsonl.write_json("data/iter1/analysis_usage.json", used)
    jsonl.write_json("data/iter1/strategy.json", {strategy: 1.0})
    params = everything(load(ROOT / "params.yaml"))
    with stand_in.everywhere(lambda _: Scripted(*replies)):
        return synthesize.main(params, "iter1", "iter0")


@pytest.mark.parametrize("strategy", ["distill", "finetune"])
def test_what_is_taught_of_the_pool_is_taught_once(tmp_path, monkeypatch, strategy):
    said = synthesized(monkeypatch, tmp_path, strategy, [json.dumps({"solution": GOOD})] * 3)
    assert "1 pool question taught" in said
    [row] = jsonl.read(TrainRow, "data/iter1/train.jsonl")
    taught = [verdict.id for verdict in jsonl.read(Verdict, "data/iter1/verdicts.jsonl")]
    assert len(taught) == (strategy == "distill") and {*taught, ASKED.id} >= set(row.parents)


@pytest.mark.parametrize("strategy", ["distill", "finetune"])
def test_the_stage_looks_at_what_it_teaches_of_the_pool(tmp_path, monkeypatch, strategy):
    wrong = json.dumps({"solution": SLIP.replace("is 36", "is 37")})
    replies = {"distill": [json.dumps({"solution": SLIP})], "finetune": [wrong] * 3}[strategy]
    synthesized(monkeypatch, tmp_path, strategy, replies)
    rejected = jsonl.read(Verdict, "data/iter1/rejected.jsonl")
    failing = [one.name for verdict in rejected for one in verdict.checks if not one.passed]
    assert failing == (["arithmetic"] if strategy == "distill" else [])
    doubted = jsonl.read(Suspect, "data/iter1/gold_suspects.jsonl")
    assert [one.sample for one in doubted] == ([ASKED.id] if strategy == "finetune" else [])
    assert not jsonl.read(TrainRow, "data/iter1/train.jsonl")
