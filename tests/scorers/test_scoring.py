"""`lai score`: logged responses, scored in the order of the file."""

import json
import sys

import pytest

from lai.core.errors import PipelineError
from lai.scoring import score_file, summary
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
    assert [(name, one.value) for name, one in judged] == [("1", "C"), ("2", "I"), ("3", "N")]
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
    [(identity, judgement)] = score_file(name, write(tmp_path, [OTHERS[name]]))
    assert judgement.value == "C", judgement
    assert identity == str(OTHERS[name].get("id") or OTHERS[name].get("task_id") or 1)


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("gsm8k", {"question": "?", "answer": "#### 4"}, r"rows\.jsonl:1 has no 'response'"),
        ("gsm8k", {"answer": "four", "response": "4"}, r"jsonl:1 is no gsm8k row: 'four' is not"),
        (
            "mmlu",
            {"choices": ["x"], "answer": 3, "response": "A"},
            "'answer' is 3, but there are 1",
        ),
        ("bbh", OTHERS["bbh"] | {"target": "(D)"}, "none of the 2 options"),
        ("humaneval", {"prompt": "", "response": ""}, "it has no 'test'"),
    ],
)
def test_a_row_that_does_not_fit_is_named(tmp_path, name, row, message):
    with pytest.raises(PipelineError, match=message):
        score_file(name, write(tmp_path, [row]))


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
