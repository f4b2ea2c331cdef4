"""`lai score`: logged responses, scored in the order of the file."""

import json
import sys

import pytest

from lai.core.errors import PipelineError
from lai.core.params.benchmarks import declarations
from lai.core.params.tasks import TaskParams
from lai.scoring import score_file, summary
from tests.support import repository
from tests.support.openai_server import Server, completion
from tests.support.repository import Repository

GSM8K = [
    {"question": "2 + 2?", "answer": "#### 4", "response": "The answer is 4."},
    {"question": "3 + 3?", "answer": "#### 6", "response": "The answer is 5."},
    {"question": "4 + 4?", "answer": "#### 8", "response": "I do not know."},
]
OTHERS = {
    "mmlu": {"question": "Which?", "choices": ["x", "y"], "answer": 1, "response": "B"},
    "arc_challenge": {
        "id": "q7", "question": "Which?", "choices": {"text": ["x", "y"], "label": ["1", "2"]},
        "answerKey": "2", "response": "The answer is 2.",
    },
    "gsm_plus": {"question": "?", "answer": "None", "response": "It cannot be determined."},
    "mbpp": {
        "task_id": 3, "text": "Double.", "code": "", "test_list": ["assert f(2) == 4"],
        "response": "```python\ndef f(n):\n    return 2 * n\n```",
    },
    "humaneval": {
        "task_id": "H/1", "prompt": "def f(n):\n", "entry_point": "f",
        "test": "def check(f):\n    assert f(2) == 4\n", "response": "    return 2 * n\n",
    },
    "bbh": {
        "input": "Which?\nOptions:\n(A) x\n(B) y", "target": "(B)", "response": "It is (B).",
    },
}  # fmt: skip


def write(tmp_path, rows):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_rows_are_judged_in_the_order_of_the_file(tmp_path):
    judged = score_file("gsm8k", write(tmp_path, GSM8K))
    assert [(one.id, one.judgement.value) for one in judged] == [("1", "C"), ("2", "I"), ("3", "N")]
    counts = summary(judged)
    assert {key: counts[key] for key in ("n", "correct", "incorrect", "no_answer")} == {
        "n": 3, "correct": 1, "incorrect": 1, "no_answer": 1,
    }  # fmt: skip
    # Wilson's interval of 1 in 3, by hand: (1.92 -+ 1.96 sqrt(.667 + .96)) / 6.84 + 1 / 6.84.
    assert (counts["low"], counts["high"]) == (
        pytest.approx(0.0615, abs=1e-3),
        pytest.approx(0.7923, abs=1e-3),
    )


@pytest.mark.parametrize("name", OTHERS)
def test_every_benchmark_takes_its_public_rows(tmp_path, name):
    [scored] = score_file(name, write(tmp_path, [OTHERS[name]]))
    assert scored.judgement.value == "C", scored
    assert scored.id == str(OTHERS[name].get("id") or OTHERS[name].get("task_id") or 1)


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("gsm8k", {"question": "?", "answer": "#### 4"}, r"rows\.jsonl:1 has no 'response'"),
        (
            "gsm8k",
            {"answer": "four", "response": "4"},
            r"jsonl:1: 'answer' does not parse: 'four' is not",
        ),
        (
            "mmlu",
            {"choices": ["x"], "answer": 3, "response": "A"},
            r"jsonl:1: 'answer' does not parse: '3' is none of the 1 choices",
        ),
        ("bbh", OTHERS["bbh"] | {"target": "(D)"}, "none of the 2 options"),
        ("humaneval", {"prompt": "", "response": ""}, "jsonl:1: there is nothing to judge code by"),
    ],
)
def test_a_row_that_does_not_fit_is_named(tmp_path, name, row, message):
    with pytest.raises(PipelineError, match=message):
        score_file(name, write(tmp_path, [row]))


FORMS = [
    {"text": "Double.", "code": "", "test_list": ["assert f(2) == 4"], "test_setup_code": ""},
    {"prompt": "Double.", "test_list": ["assert f(2) == m.floor(4.5)"]}
    | {"test_imports": ["import math as m"]},
    {"prompt": "def f(n):\n", "entry_point": "f", "test": "def check(f):\n    assert f(2) == 4\n"},
]


@pytest.mark.parametrize("form", FORMS)
def test_the_forms_of_mbpp_are_told_apart_by_their_columns(tmp_path, form):
    rows = [form | {"response": f"def f(n):\n    return {n} * n\n"} for n in (2, 3)]
    scored = score_file("mbpp", write(tmp_path, rows))
    assert [one.judgement.value for one in scored] == ["C", "I"]


def test_a_wrong_column_is_sought_where_it_is_declared(tmp_path):
    path = write(tmp_path, [{"question": "2 + 2?", "solution": "#### 4", "response": "4"}])
    with pytest.raises(PipelineError) as said:
        score_file("gsm8k", path)
    assert "has no 'answer'" in str(said.value)
    assert "benchmarks.yaml declares for gsm8k" in str(said.value)
    assert "tasks: {gsm8k: {benchmark: gsm8k, fields: {...}}}" in str(said.value)
    assert "check tasks.gsm8k.fields" not in str(said.value)
    own = {"gsm8k": TaskParams.model_validate(declarations()["gsm8k"])}
    with pytest.raises(PipelineError, match=r"check tasks.gsm8k.fields in params.yaml"):
        score_file("gsm8k", path, own)


def test_labels_of_people_are_compared_with(tmp_path):
    rows = [row | {"correct": label} for row, label in zip(GSM8K, (True, True, False), strict=True)]
    counts = summary(score_file("gsm8k", write(tmp_path, [*rows, GSM8K[0]])))
    assert (counts["n"], counts["labelled"]) == (4, 3)
    assert counts["agreement"] == pytest.approx(2 / 3, abs=1e-6)
    assert "agreement" not in summary(score_file("gsm8k", write(tmp_path, GSM8K)))


def test_questions_without_an_answer_are_also_left_out(tmp_path):
    rows = [
        {"answer": "None", "response": "It cannot be determined."},
        {"answer": "2.5", "response": "The answer is 2.5."},
        {"answer": "3", "response": "The answer is 4."},
    ]
    counts = summary(score_file("gsm_plus", write(tmp_path, rows)))
    assert (counts["n"], counts["correct"]) == (3, 2)
    assert (counts["without_none"]["n"], counts["without_none"]["correct"]) == (2, 1)
    assert "without_none" not in summary(score_file("gsm_plus", write(tmp_path, rows[1:])))


OWN = TaskParams.model_validate(
    {"family": "math", "role": "ood", "scorer": "number", "prompt": "number"}
    | {"test": {"files": "x.csv"}, "fields": {"input": "ask", "reference": "gold.value"}}
)


def test_a_task_of_ones_own_goes_by_its_field_mapping(tmp_path):
    rows = [{"ask": "?", "gold": {"value": 7}, "response": "It is 7."}]
    [scored] = score_file("sums", write(tmp_path, rows), {"sums": OWN})
    assert scored.judgement.value == "C"


def test_an_unknown_task_gets_the_nearest_name(tmp_path):
    with pytest.raises(PipelineError, match=r"no task 'summs' .*did you mean sums\?"):
        score_file("summs", write(tmp_path, GSM8K), {"sums": OWN})
    with pytest.raises(PipelineError, match=r"did you mean gsm8k\?"):
        score_file("gsm8", write(tmp_path, GSM8K))


def test_a_judge_of_params_yaml_grades_and_its_agreement_is_told(tmp_path):
    def grading(body):
        right = "Paris" in body["messages"][0]["content"].partition("<response>")[2]
        verdict = "correct" if right else "incorrect"
        return completion(json.dumps({"explanation": "because", "verdict": verdict}))

    rows = [
        {"input": "Capital of France?", "reference": "Paris", "response": text, "correct": label}
        for text, label in (("Paris, I think", True), ("Lyon", False), ("It is Rome", True))
    ]
    path = write(tmp_path, rows)
    with Server(grading) as server:
        task = {"family": "facts", "role": "id", "scorer": "judge", "prompt": "plain"}
        task |= {"pool": {"files": "p.jsonl"}, "test": {"files": "t.jsonl"}}
        made = repository.make(
            tmp_path / "loop",
            tasks={"open": task},
            judge={"provider": "loopback", "model": "judge"},
            runtime__judge={"base_url": server.url},
        )
        said = [made.run("lai", "score", "--task", "open", str(path)).stdout for _ in range(2)]
        assert sum(server.count.values()) == 3, "a second run asks no judge again"
    counts = json.loads(said[0])
    assert (counts["correct"], counts["incorrect"], counts["labelled"]) == (1, 2, 3)
    assert counts["agreement"] == pytest.approx(2 / 3, abs=1e-6)
    assert said[0] == said[1]


def test_the_command_prints_one_line_and_writes_a_row_each(tmp_path):
    path = write(tmp_path, GSM8K)
    out = tmp_path / "scored.jsonl"
    made = Repository(tmp_path)
    from tests.support.closure import ROOT

    done = made.run(
        sys.executable, "-m", "lai.cli", "score", "--task", "gsm8k", str(path),
        "--output", str(out), PYTHONPATH=str(ROOT),
    )  # fmt: skip
    assert json.loads(done.stdout)["accuracy"] == pytest.approx(1 / 3, abs=1e-6)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["value"] for row in rows] == ["C", "I", "N"]
    assert set(rows[0]) == {"id", "value", "answer", "explanation"}
