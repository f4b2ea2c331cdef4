"""`lai score` says in one line what is wrong with a row, a path or a label."""

import json
import os
import stat
import sys

import pytest

from lai.cli import main
from lai.scoring import score_file, summary

GOOD = {"question": "2 + 2?", "answer": "#### 4", "response": "The answer is 4."}
MMLU = {"question": "?", "choices": ["x", "y"], "answer": 1, "response": "B"}
MBPP = {"text": "One.", "code": "", "response": "def f():\n    return 1\n"}
HUMANEVAL = {
    "task_id": "H/1", "prompt": "def f(n):\n", "entry_point": "f",
    "test": "def check(f):\n    assert f(2) == 4\n", "response": "    return 2 * n\n",
}  # fmt: skip
NEGATED = "assert " + "-" * 5000 + "1"


@pytest.fixture
def lai(tmp_path, monkeypatch, capsys):
    """Runs `lai score` on rows in an empty folder; gives exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def run(task, *rows, output=None, file="rows.jsonl"):
        (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        more = [] if output is None else ["--output", str(output)]
        monkeypatch.setattr(sys, "argv", ["lai", "score", "--task", task, file, *more])
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("task", "row", "message"),
    [
        ("mmlu", MMLU | {"choices": list(map(str, range(40))), "answer": 39}, "it has 40 choices"),
        ("mbpp", MBPP | {"test_list": [NEGATED]}, "number 1 is no Python: maximum recursion"),
        ("mbpp", MBPP | {"test_list": ["assert f()", "nonlocal x"]}, "number 2 is no Python"),
        ("mbpp", MBPP | {"test_list": ["# none"]}, "number 1 is empty"),
        ("mbpp", MBPP | {"test_list": "assert f()"}, "is no list of assert statements"),
        (
            "mbpp",
            MBPP | {"test_list": ["1"], "test_setup_code": "import ("},
            "'setup' is no Python",
        ),
        ("humaneval", HUMANEVAL | {"test": {"a": 1}}, "'test' is no text"),
        ("humaneval", HUMANEVAL | {"test": ["x"]}, "'test' is no text"),
        ("humaneval", HUMANEVAL | {"test": "def check(c:\n"}, "'test' is no Python: '(' was never"),
        ("humaneval", HUMANEVAL | {"test": "x = 1"}, "'test' defines no check(candidate)"),
        ("humaneval", HUMANEVAL | {"entry_point": ["f"]}, "'entry_point' is no text"),
        ("humaneval", HUMANEVAL | {"entry_point": "f g"}, "which is no name of a function"),
        ("humaneval", HUMANEVAL | {"prompt": ["def f(n):"]}, "'prompt' is no text"),
        ("gsm8k", GOOD | {"correct": "yes"}, "'correct' is 'yes', expected true, false or null"),
        ("gsm8k", GOOD | {"correct": 2}, "'correct' is 2, expected true, false or null"),
    ],
)
def test_a_bad_row_is_one_line_that_names_it(lai, task, row, message):
    good = {"mmlu": MMLU, "mbpp": MBPP | {"test_list": ["assert f() == 1"]}}
    first = good.get(task, HUMANEVAL if task == "humaneval" else GOOD)
    code, out, err = lai(task, first, row)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("error: rows.jsonl:2: ")
    assert message in err


@pytest.mark.parametrize(
    "test", ["assert " + "+".join(["f()"] * 900) + " == 900", "assert f() < 0x" + "f" * 5000]
)
def test_a_long_test_that_compiles_is_run(lai, test):
    code, out, _ = lai("mbpp", MBPP | {"test_list": [test]})
    assert (code, json.loads(out)["correct"]) == (0, 1)


def test_labels_may_be_numbers_and_may_lack(lai):
    rows = [GOOD | {"correct": label} for label in (True, 1, 0, 0.0, None)]
    found = json.loads(lai("gsm8k", *rows)[1])
    assert (found["labelled"], found["agreement"]) == (4, 0.5)


def test_several_samples_of_a_question_are_counted(tmp_path):
    path = tmp_path / "rows.jsonl"
    ids = ["a", "a", "b"]
    path.write_text("".join(json.dumps(GOOD | {"id": one}) + "\n" for one in ids))
    found = summary(score_file("gsm8k", path))
    assert (found["n"], found["questions"]) == (3, 2)


def test_options_of_the_same_text_are_told_apart_by_their_letters(lai):
    rows = [
        MMLU | {"choices": ["x", "x", "y"], "response": text}
        for text in ("The answer is B.", "The answer is A.")
    ]
    found = json.loads(lai("mmlu", *rows)[1])
    assert (found["correct"], found["incorrect"]) == (1, 1)


def test_a_path_of_the_command_line_is_not_sought_in_params(lai):
    assert "nofile does not exist; check the path that you gave" in lai("gsm8k", file="nofile")[2]
    assert "(no params.yaml here)" in lai("gsm9k", GOOD)[2]


def test_an_output_that_is_no_file_stays_what_it_is(lai, tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    os.symlink("pipe", tmp_path / "to pipe")
    for name, what in {"folder": "a folder", "pipe": "no reg", "to pipe": "no reg", "": ""}.items():
        code, out, err = lai("gsm8k", GOOD, output=name)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert f"it is {what}" in err
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)
    assert (tmp_path / "to pipe").is_symlink()


@pytest.mark.parametrize("output", ["rows.jsonl/scores", "/proc/none", "/proc/none/scores"])
def test_an_output_that_cannot_be_made_is_one_line(lai, output):
    code, out, err = lai("gsm8k", GOOD, output=output)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"error: cannot write {output}: ")


def test_an_output_that_is_a_link_is_written_where_it_leads(lai, tmp_path):
    (tmp_path / "there").mkdir()
    os.symlink("there/scores.jsonl", tmp_path / "link")
    for _ in range(2):  # The second time there is a file already.
        assert lai("gsm8k", GOOD, output="link")[0] == 0
        assert (tmp_path / "link").is_symlink()
        [row] = (tmp_path / "there" / "scores.jsonl").read_text().splitlines()
        assert json.loads(row)["value"] == "C"


def test_the_responses_are_not_written_over(lai, tmp_path):
    code, _, err = lai("gsm8k", GOOD, output="rows.jsonl")
    assert (code, json.loads((tmp_path / "rows.jsonl").read_text())) == (1, GOOD)
    assert "rows.jsonl holds the responses" in err
