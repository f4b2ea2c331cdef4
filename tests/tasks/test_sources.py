"""Files of every kind read alike, and what is wrong in one is named with its place."""

import json

import pytest

from lai.core.errors import PipelineError
from lai.core.params.schema import PrepareParams
from lai.core.params.tasks import TaskParams
from lai.tasks.loading import load

ROWS = [{"question": f"{n} + {n}?", "answer": str(2 * n)} for n in range(30)]
TESTS = [{"question": f"{n} + {n}?", "answer": str(2 * n)} for n in range(100, 110)]


def loaded(tmp_path, name, text, **more):
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    test = tmp_path / "test.jsonl"
    test.write_text("".join(json.dumps(row) + "\n" for row in TESTS))
    task = {
        "family": "math",
        "role": "id",
        "scorer": "number",
        "prompt": "number",
        "pool": {"files": str(tmp_path / name)},
        "test": {"files": str(test)},
        "fields": {"input": "question", "reference": "answer"},
        "dev_size": 3,
        **more,
    }
    return load({"sums": TaskParams.model_validate(task)}, PrepareParams(), 1)


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pool.json", json.dumps(ROWS)),
        ("pool.json", json.dumps({"canary": "x", "examples": ROWS})),
        (
            "pool.csv",
            "question,answer\n" + "".join(f"{r['question']},{r['answer']}\n" for r in ROWS),
        ),
        ("pool.jsonl", "\ufeff" + lines(ROWS)),
        (
            "pool.csv",
            "\ufeffquestion,answer\r\n"
            + "".join(f'"{r["question"]}",{r["answer"]}\r\n' for r in ROWS),
        ),
    ],
)
def test_every_kind_of_file_gives_the_same_samples(tmp_path, name, text):
    expected = {sample.id for sample in loaded(tmp_path, "pool.jsonl", lines(ROWS)).pool}
    assert {sample.id for sample in loaded(tmp_path, name, text).pool} == expected


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("pool.json", "{}", r"pool\.json holds an object with 0 lists"),
        ("pool.json", "3", r"pool\.json holds int, a list of rows was expected"),
        ("pool.json", "[1]", r"pool\.json row 1 holds int, not an object"),
        ("pool.json", "[{", r"pool\.json is not valid JSON"),
        ("pool.json", b'["\xff"]', r"pool\.json:1 is not UTF-8 \(byte 3"),
        ("pool.csv", "question,answer\n1,2,3\n", r"pool\.csv:2 has another number of columns"),
        ("pool.csv", "question,answer\n1\n", r"pool\.csv:2 has another number of columns"),
        (
            "pool.csv",
            "question,reply\na,1\n",
            r"pool\.csv:2 has no 'answer' \(it has question, reply",
        ),
        ("pool.csv", b"question,answer\n\xe4,1\n", r"pool\.csv:2 is not UTF-8 \(byte 1"),
        ("pool.csv", 'question,answer\n"a,1\n', r"pool\.csv:\d is not valid CSV"),
        ("pool.txt", "", r"pool\.txt is none of \.jsonl, \.json, \.csv, \.parquet"),
        ("pool.jsonl", b'{"question": "\xff"}\n', r"pool\.jsonl:1 is not UTF-8"),
        (
            "pool.jsonl",
            lines(ROWS[:1]) + '{"question":\n',
            r"pool\.jsonl:2 is not valid JSON: .* \(column 13\); mend the line",
        ),
        (
            "pool.jsonl",
            lines([{"question": "1?", "answer": "one apple"}]),
            r"pool\.jsonl:1: 'answer' does not parse: 'one apple' is not one number",
        ),
        ("pool.jsonl", "[1]\n", r"pool\.jsonl:1 holds list"),
        ("pool.jsonl", "", r"pool\.jsonl is empty: it holds no row; fill it"),
        ("pool.jsonl", "\n", r"pool\.jsonl is empty: it holds no row; fill it"),
        ("pool.json", "[]", r"pool\.json is empty: it holds no row; fill it"),
        ("pool.csv", "", r"pool\.csv is empty: it holds no row; fill it"),
        ("pool.csv", "question,answer\n", r"pool\.csv is empty: it holds no row; fill it"),
        ("pool.csv", "answer,answer\n1,2\n", r"pool\.csv:1 has two columns 'answer'; rename"),
        ("pool.json", "[" * 100_000, r"pool\.json is nested too deeply"),
        ("pool.jsonl", lines([{"question": "1?", "answer": None}]), "'answer' is empty"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path, name, text, message):
    with pytest.raises(PipelineError, match=message):
        loaded(tmp_path, name, text)


def choice(tmp_path, row, **fields):
    more = {
        "scorer": "choice",
        "prompt": "choice",
        "fields": {"input": "question", "reference": "answer", **fields},
        "test": {"files": str(tmp_path / "pool.jsonl")},
        "role": "ood",
        "pool": None,
    }
    return loaded(tmp_path, "pool.jsonl", lines([row]), **more).test[0]


def test_options_in_a_column_each_or_in_a_list(tmp_path):
    row = {"question": "q?", "answer": "B", "a": "one", "b": "two", "list": ["one", "two"]}
    apart = choice(tmp_path, row, choices=["a", "b"])
    together = choice(tmp_path, row, choices="list")
    assert apart == together
    assert apart.choices == ["one", "two"]
    text = choice(tmp_path, {**row, "list": '["one", "two"]'}, choices="list")
    assert text == together


def test_dotted_paths_and_labels_of_the_options_own(tmp_path):
    row = {"question": "q?", "choices": {"text": ["x", "y"], "label": ["1", "2"]}, "answer": "2"}
    sample = choice(tmp_path, row, choices="choices.text", labels="choices.label")
    assert sample.reference == "B"
    with pytest.raises(PipelineError, match=r"jsonl:1: 'answer' is '3', which is none of the lab"):
        choice(tmp_path, {**row, "answer": "3"}, choices="choices.text", labels="choices.label")
    with pytest.raises(PipelineError, match=r"jsonl:1 has no 'choices\.txt'"):
        choice(tmp_path, row, choices="choices.txt", labels="choices.label")


@pytest.mark.parametrize("gold", ["C", "z", 2, -1, ""])
def test_a_gold_outside_the_options_names_the_row(tmp_path, gold):
    row = {"question": "q?", "choices": ["x", "y"], "answer": gold}
    with pytest.raises(
        PipelineError,
        match=rf"jsonl:1: 'answer' does not parse: '{gold}' is none of the 2 choices",
    ):
        choice(tmp_path, row)
