"""BBH's schema through the DAG: a file a subtask, solved examples from its items, exact match."""

import json

import pytest

from lai.core import jsonl
from lai.core.jsonl import index
from lai.core.params.tasks import Task
from lai.core.records import Completion, Sample, Score
from lai.scorers import get
from lai.tasks import prompting
from tests.support import gsm8k, repository

COLOURS = "red blue green pink grey black white brown".split()
WORDS = "pear apple plum fig kiwi lime date nut".split()


def options(n):
    listed = "\n".join(f"({letter}) {COLOURS[(n + k) % 8]}" for k, letter in enumerate("ABC"))
    return f"Which of these is the colour of case {n}?\nOptions:\n{listed}"


def words(n):
    return [WORDS[n], WORDS[(n + 3) % 8], WORDS[(n + 5) % 8]]


# Rows of our own writing, in the columns and the forms of four kinds of subtasks.
SUBTASKS = {
    "colours": [{"input": options(n), "target": f"({'ABC'[n % 3]})"} for n in range(8)],
    "navigate": [
        {
            "input": f"Take {n} steps and turn around. Are you back?\nOptions:\n- Yes\n- No",
            "target": "No" if n else "Yes",
        }
        for n in range(8)
    ],
    "word_sorting": [
        {
            "input": f"Sort the following words alphabetically: List: {' '.join(words(n))}",
            "target": " ".join(sorted(words(n))),
        }
        for n in range(8)
    ],
    "brackets": [
        {"input": f"Close this. Input: {'[ ' * n}( {'< ' * n}", "target": f"{'> ' * n}){' ]' * n}"}
        for n in range(1, 9)
    ],
}  # fmt: skip
SHOTS = 3

RIGHT = {
    "colours": lambda row: f"It is case so and so. The answer is {row['target']}.",
    "navigate": lambda row: f"The answer is {row['target'].lower()}.",
    "word_sorting": lambda row: f"The answer is {', '.join(row['target'].split())}.",
    "brackets": lambda row: f"The answer is {row['target']}.",
}
WRONG = {
    "colours": lambda row: f"The answer is ({'BCA'['ABC'.index(row['target'][1])]}).",
    "navigate": lambda row: f"The answer is {'Yes' if row['target'] == 'No' else 'No'}.",
    "word_sorting": lambda row: f"The answer is {' '.join(row['target'].split()[::-1])}.",
    "brackets": lambda row: f"The answer is {row['target']} ).",
}
NOTHING = "I cannot tell."


def response(subject, number, row):
    """Right thrice of four times, then wrong, and once nothing at all."""
    if (subject, number) == ("navigate", 7):
        return NOTHING
    return (WRONG if number % 4 == 2 else RIGHT)[subject](row)


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bbh")
    log = []
    for subject, rows in SUBTASKS.items():
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{subject}.jsonl").write_text(text)
        log += [
            {"input": row["input"], "response": response(subject, number, row)}
            for number, row in enumerate(rows)
        ]
    for name in ("train", "test"):
        rows = [json.loads(line) for line in (gsm8k.FIXTURE / f"{name}.jsonl").open()]
        log += [row | {"response": "4"} for row in rows]
    (folder / "log").mkdir()
    path = folder / "log" / "all.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in log))
    params = gsm8k.params("http://127.0.0.1:9/v1")
    params["tasks"]["bbh"] = {"benchmark": "bbh", "test": {"files": str(folder / "*.jsonl")}}
    params["target"] = {"engine": "replay", "model": "logged", "responses": [str(path)]}
    params.pop("target__max_tokens")
    made = repository.make(folder / "loop", **params)
    ran, _ = made.repro("reeval_base")
    assert ran == {"prepare", "reeval_base"}
    return made


@pytest.fixture(scope="module")
def scored(loop):
    """(sample, completion, score) of every BBH item that was scored."""
    samples = index(jsonl.read(Sample, loop.path / "data/splits/test.jsonl"))
    folder = loop.path / "data/iter0"
    said = index(jsonl.read(Completion, folder / "reeval_completions.jsonl"))
    scores = jsonl.read(Score, folder / "reeval_scores.jsonl")
    of_bbh = {key: sample for key, sample in samples.items() if sample.task == "bbh"}
    return [
        (of_bbh[score.sample], said[score.parents[0]], score)
        for score in scores
        if score.sample in of_bbh
    ]


@pytest.fixture(scope="module")
def task(loop):
    return Task.model_validate(jsonl.read_json(loop.path / "data/splits/tasks.json")["bbh"])


def test_each_subtask_is_shown_examples_of_its_own_and_they_are_not_scored(scored, task):
    assert set(task.exemplars) == set(SUBTASKS)
    shown = {example.input for group in task.exemplars.values() for example in group}
    assert len(shown) == SHOTS * len(SUBTASKS)
    asked = {sample.input for sample, _, _ in scored}
    assert not shown & asked
    assert shown | asked == {row["input"] for rows in SUBTASKS.values() for row in rows}
    for sample, completion, _ in scored:
        subject = sample.metadata["subject"]
        roles = [message["role"] for message in completion.messages]
        assert roles == ["user", "assistant"] * SHOTS + ["user"]
        own = {row["input"]: row["target"] for row in SUBTASKS[subject]}
        turns = [message["content"] for message in completion.messages]
        for question, answer in zip(turns[:-1:2], turns[1::2], strict=True):
            [(_, target)] = [
                one for one in own.items() if question.startswith(f"{one[0]}\n\nAnswer")
            ]
            assert answer == f"The answer is {target}."
        assert turns[-1].startswith(sample.input)
        assert "step by step" not in turns[-1], "the examples show no steps"


def test_the_examples_of_a_subtask_give_different_answers(task):
    answers = {name: {one.response for one in group} for name, group in task.exemplars.items()}
    assert {name: len(given) for name, given in answers.items()} == {
        "colours": 3, "navigate": 2, "word_sorting": 3, "brackets": 3,
    }  # fmt: skip


def test_what_an_example_answers_is_right_by_the_tasks_scorer(task):
    rows = {row["input"]: row for rows in SUBTASKS.values() for row in rows}
    for group in task.exemplars.values():
        for example in group:
            target = rows[example.input]["target"]
            sample = Sample(task="bbh", split="test", input=example.input, reference=target)
            assert get(task.scorer)(prompting.question(sample), example.response).value == "C"


def test_the_scores_are_right(loop, scored):
    number = {row["input"]: n for rows in SUBTASKS.values() for n, row in enumerate(rows)}
    for sample, completion, score in scored:
        subject, n = sample.metadata["subject"], number[sample.input]
        expected = "N" if completion.completion == NOTHING else "I" if n % 4 == 2 else "C"
        assert score.value == expected, (subject, completion.completion, score.explanation)
    values = [score.value for _, _, score in scored]
    assert set(values) == {"C", "I", "N"}
    metrics = json.loads((loop.path / "metrics/iterations/iter0.json").read_text())
    [told] = [row for row in metrics["counts"] if row["split"] == "test" and row["task"] == "bbh"]
    assert (told["n"], told["correct"]) == (len(values), values.count("C"))
    assert len(values) == (8 - SHOTS) * len(SUBTASKS)
