"""The declared benchmarks, in the columns of their public releases, and few-shot prompts."""

import json

import pytest

from lai.core import params
from lai.core.errors import PipelineError
from lai.core.params import benchmarks
from lai.tasks.loading import load
from lai.tasks.prompting import messages

STUB = 'def double(n: int) -> int:\n    """ Twice n. """\n'
CHECK = "def check(candidate):\n    assert candidate(2) == 4\n"
# Rows of our own writing in each release's columns.
ROWS = {
    "mmlu": {"question": "Which is a fruit?", "subject": "food", "choices": ["pear", "brick"]}
    | {"answer": 0},
    "arc_challenge": {"id": "x1", "question": "Which floats?", "answerKey": "2"}
    | {"choices": {"text": ["a stone", "a cork"], "label": ["1", "2"]}},
    "gsm8k": {"question": "2 plus 2?", "answer": "2 + 2 = <<2+2=4>>4\n#### 4"},
    "gsm_plus": {"question": "2.5 plus 2?", "solution": "2.5 + 2 = 4.5", "answer": "4.5"}
    | {"perturbation_type": "decimals"},
    "mbpp": {"task_id": 1, "text": "Double n.", "code": "def double(n):\n    return 2 * n"}
    | {"test_list": ["assert double(2) == 4"], "test_setup_code": ""},
    "mbpp_sanitized": {"task_id": 1, "prompt": "Double n.", "test_imports": ["import math"]}
    | {"code": "def double(n):\n    return 2 * n", "test_list": ["assert double(2) == 4"]},
    "mbpp_stub": {"task_id": 1, "prompt": STUB, "test": CHECK, "entry_point": "double"},
    "humaneval": {"task_id": "H/0", "prompt": STUB, "canonical_solution": "    return 2 * n\n"}
    | {"test": CHECK, "entry_point": "double"},
    "bbh": {"input": "not False is", "target": "True"},
}


def configured(tmp_path, name, rows, **more):
    path = tmp_path / "logic.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    empty = tmp_path / "pool.jsonl"
    empty.write_text(json.dumps({"input": "1 + 1 is", "reference": "2"}) + "\n" * 3)
    other = {"family": "math", "role": "id", "scorer": "number", "prompt": "number"}
    raw = {
        "seed": 1,
        "iterations": {"iter1": "iter0"},
        "target": {"model": "models/base/micro"},
        "tasks": {
            name: {"benchmark": name, "role": "ood", "pool": None}
            | {"test": {"files": str(path)}, **more},
            "own": {**other, "pool": {"files": str(empty)}, "test": {"files": str(empty)}},
        },
    }
    return params.parse(raw).tasks[name]


def taken(tmp_path, name, rows, **more):
    task = configured(tmp_path, name, rows, **more)
    return load({name: task}, params.schema.PrepareParams(), 1)


def test_every_declaration_has_a_row_here():
    assert set(ROWS) == set(benchmarks.declarations())


@pytest.mark.parametrize("name", ROWS)
def test_a_row_of_the_release_is_a_sample_and_renders(tmp_path, name):
    more = {"few_shot": None} if name == "bbh" else {}
    splits = taken(tmp_path, name, [ROWS[name]], **more)
    [sample] = splits.test
    assert sample.reference
    [message] = messages(sample.input, sample.choices, splits.tasks[name], sample.metadata)
    shown = ROWS[name].get("question") or ROWS[name].get("prompt") or ""
    assert shown.strip() in message["content"]


def test_what_the_choice_and_code_rows_hold(tmp_path):
    assert taken(tmp_path, "arc_challenge", [ROWS["arc_challenge"]]).test[0].reference == "B"
    assert taken(tmp_path, "mmlu", [ROWS["mmlu"]]).test[0].reference == "A"
    human = taken(tmp_path, "humaneval", [ROWS["humaneval"]]).test[0]
    assert human.reference == (STUB + "    return 2 * n\n").strip("\n")
    assert human.metadata == {"prompt": STUB, "test": CHECK, "entry_point": "double"}
    mbpp = taken(tmp_path, "mbpp_sanitized", [ROWS["mbpp_sanitized"]])
    assert mbpp.test[0].metadata["setup"] == "import math"
    prompt = messages(mbpp.test[0].input, [], mbpp.tasks["mbpp_sanitized"], mbpp.test[0].metadata)
    assert "assert double(2) == 4" in prompt[0]["content"]


def test_a_stub_is_named_as_what_it_is_and_an_exercise_in_words_is_left_alone(tmp_path):
    splits = taken(tmp_path, "humaneval", [ROWS["humaneval"] | {"prompt": f"\n\n{STUB}\n"}])
    [message] = messages(splits.test[0].input, [], splits.tasks["humaneval"], {})
    assert message["content"].startswith(
        f"Complete this Python function:\n\n```python\n{STUB}```\n"
    )
    [message] = messages("Write a function.", [], splits.tasks["humaneval"], {})
    assert message["content"].startswith("Write a function.\n\nAnswer with")


def test_examples_of_code_show_the_tests_where_the_question_does(tmp_path):
    rows = [
        {"task_id": n, "text": f"Add {n}.", "code": f"def add(m):\n    return m + {n}"}
        | {"test_list": [f"assert add(1) == {n + 1}"], "test_setup_code": ""}
        for n in range(4)
    ]
    splits = taken(tmp_path, "mbpp", rows, few_shot={"shots": 1})
    sample = splits.test[0]
    first, answer, _ = messages(sample.input, [], splits.tasks["mbpp"], sample.metadata)
    [row] = [row for row in rows if row["text"] in first["content"]]
    assert row["test_list"][0] in first["content"]
    assert answer["content"] == f"```python\n{row['code']}\n```"


def test_tests_are_no_example_of_an_answer(tmp_path):
    rows = [ROWS["mbpp_stub"] | {"task_id": n, "prompt": f"{STUB}# {n}\n"} for n in range(4)]
    with pytest.raises(PipelineError, match=r"^tasks\.mbpp_stub\.few_shot: .* no solution to show"):
        taken(tmp_path, "mbpp_stub", rows, few_shot={"shots": 1})
    rows[2]["solution"] = "def double(n):\n    return 2 * n"
    splits = taken(tmp_path, "mbpp_stub", rows, few_shot={"shots": 1})
    assert len(splits.test) == 3
    _, answer, _ = messages("x", [], splits.tasks["mbpp_stub"], {})
    assert answer["content"] == rows[2]["solution"]


def test_the_direct_prompt_lists_options_once_and_asks_for_no_reasoning(tmp_path):
    splits = taken(tmp_path, "mmlu", [ROWS["mmlu"]], prompt="direct")
    [message] = messages("Which?", ["pear", "brick"], splits.tasks["mmlu"], {})
    assert message["content"].startswith("Which?\nA) pear\nB) brick\n\nAnswer with one line")
    assert "X is the letter of the right option." in message["content"]


def test_a_block_overrides_what_the_declaration_says(tmp_path):
    task = configured(tmp_path, "gsm8k", [ROWS["gsm8k"]], prompt="plain")
    assert (task.prompt, task.scorer, task.licence) == ("plain", "number", "MIT")


def test_an_unknown_benchmark_has_a_nearest_name():
    raw = {"tasks": {"a": {"benchmark": "gsm8"}}}
    with pytest.raises(
        PipelineError, match=r"tasks\.a\.benchmark: no benchmark 'gsm8'; did you mean gs"
    ):
        params.parse(raw)


def many(count):
    return [{"input": f"not {'not ' * n}False is", "target": str(n % 2 == 0)} for n in range(count)]


def test_examples_stand_before_the_question_and_are_not_scored(tmp_path):
    splits = taken(tmp_path, "bbh", many(10))
    assert len(splits.test) == 7
    assert splits.notes == {"test items that are solved examples": 3}
    sample = splits.test[0]
    assert sample.metadata["subject"] == "logic"
    chat = messages(sample.input, [], splits.tasks["bbh"], sample.metadata)
    assert [message["role"] for message in chat] == ["user", "assistant"] * 3 + ["user"]
    shown = {message["content"].split(" is\n")[0] for message in chat[:-1:2]}
    assert not shown & {one.input.removesuffix(" is") for one in splits.test}
    assert chat[1]["content"] in ("The answer is True.", "The answer is False.")
    again = taken(tmp_path, "bbh", many(10)[::-1])
    assert again.tasks == splits.tasks


def test_examples_of_a_file(tmp_path):
    path = tmp_path / "shots.jsonl"
    rows = [{"input": f"q{n}", "response": f"r{n}", "subject": "logic"} for n in range(3)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    few = {"shots": 2, "source": str(path)}
    splits = taken(tmp_path, "bbh", many(10), few_shot=few)
    assert len(splits.test) == 10
    chat = messages("x", [], splits.tasks["bbh"], {"subject": "logic"})
    assert [message["content"] for message in chat[1:-1:2]] == ["r0", "r1"]
    assert len(messages("x", [], splits.tasks["bbh"], {"subject": "other"})) == 1
    with pytest.raises(PipelineError, match="has 3 examples for subject 'logic', 4 are asked for"):
        taken(tmp_path, "bbh", many(10), few_shot={**few, "shots": 4})
