"""Replayed rows: how many, of which tasks, and whose words they are."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from lai.core.errors import PipelineError
from lai.core.params.training import ReplayParams
from lai.core.records import Completion, Sample, Solved
from lai.overlap import HeldOut
from lai.training.replay import replay_rows


def solved(task: str, number: int, reasoning: str = "") -> tuple[Solved, Completion]:
    sample = Sample(task=task, split="pool", input=f"{task} {number}?", reference="yes")
    completion = Completion(
        parents=[sample.id],
        sample=sample.id,
        model="m",
        messages=[{"role": "system", "content": "s"}, {"role": "user", "content": sample.input}],
        reasoning=reasoning,
        completion=f"yes, {number}",
        stop_reason="stop",
    )
    return (
        Solved(parents=[completion.id], sample=sample.id, task=task, completion=completion.id),
        completion,
    )


MANY = [solved(task, n) for task, size in (("a", 50), ("b", 8), ("c", 40)) for n in range(size)]
SOLVED, COMPLETIONS = [pair[0] for pair in MANY], [pair[1] for pair in MANY]

COUNTS = [
    # ratio, taught rows, replayed rows a task
    (1.0, 9, {"a": 3, "b": 3, "c": 3}),
    (1.5, 20, {"a": 11, "b": 8, "c": 11}),
    (0.5, 20, {"a": 4, "b": 3, "c": 3}),
    (2.0, 40, {"a": 36, "b": 8, "c": 36}),
    (9.0, 40, {"a": 50, "b": 8, "c": 40}),
    (0.0, 40, {}),
    (1.0, 0, {}),
]


@pytest.mark.parametrize(("ratio", "taught", "counts"), COUNTS)
def test_tasks_are_replayed_alike(ratio: float, taught: int, counts: dict[str, int]) -> None:
    rows = replay_rows(SOLVED, COMPLETIONS, ReplayParams(ratio=ratio), taught, 1, "iter1")
    assert len(rows) == len({row.id for row in rows}) == sum(counts.values())
    found = Counter(row.task for row in rows)
    if len(rows) == 10:
        # Ten over three: which task gets the odd one does not matter, that only one does.
        assert sorted(found.values()) == sorted(counts.values())
    else:
        assert found == counts
    assert [row.id for row in rows] == sorted(row.id for row in rows)


def test_a_row_is_the_models_own_exchange() -> None:
    (row,) = replay_rows(*[[x] for x in solved("a", 1)], ReplayParams(), 1, 1, "iter2")
    _, completion = solved("a", 1)
    assert row.parents == [completion.id]
    assert row.iteration == "iter2"
    assert row.prompt == completion.messages
    assert row.completion == [{"role": "assistant", "content": "yes, 1"}]


def test_a_thinking_model_is_shown_its_own_reasoning() -> None:
    (row,) = replay_rows(*[[x] for x in solved("a", 1, "hm")], ReplayParams(), 1, 1, "iter1")
    assert row.completion[0]["content"] == "<think>\nhm\n</think>\n\nyes, 1"


def test_the_draw_depends_on_seed_and_iteration_and_not_on_the_order() -> None:
    def drawn(seed: int, iteration: str, step: int = 1) -> list[str]:
        rows = replay_rows(SOLVED[::step], COMPLETIONS[::step], ReplayParams(), 20, seed, iteration)
        return [row.parents[0] for row in rows]

    assert sorted(drawn(1, "iter1")) == sorted(drawn(1, "iter1", step=-1))
    assert sorted(drawn(1, "iter1")) != sorted(drawn(2, "iter1"))
    assert sorted(drawn(1, "iter1")) != sorted(drawn(1, "iter2"))


def test_rows_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [
        {
            "prompt": [{"role": "user", "content": f"q{n}"}],
            "completion": [{"role": "assistant", "content": "a"}],
            "source": "elsewhere",
        }
        for n in range(6)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, rows[0]]))
    params = ReplayParams(ratio=2.0, source=str(path))
    drawn = replay_rows([], [], params, 2, 1, "iter1")
    assert len({row.id for row in drawn}) == 4
    assert {(row.task, row.iteration, tuple(row.parents)) for row in drawn} == {
        ("replay", "iter1", ())
    }
    assert len(replay_rows([], [], params, 99, 1, "iter1")) == 6
    path.write_text(json.dumps({"prompt": "q", "completion": "a"}) + "\n")
    with pytest.raises(PipelineError, match=r"rows\.jsonl:1 is no train: prompt"):
        replay_rows([], [], params, 1, 1, "iter1")


def test_rows_of_a_file_that_ask_what_is_held_out_are_left_out(tmp_path: Path) -> None:
    held = Sample(task="t", split="test", input="How many pears are in 3 crates?", reference="3")
    asked = [
        ("**How many pears are in 3 crates?** Answer with a number.", "9"),
        ("How many pears are there?", "9"),
        ("What may I ask?", "Ask this: how many pears are in 3 crates?"),
    ]
    rows = [
        {
            "prompt": [{"role": "user", "content": text}],
            "completion": [{"role": "assistant", "content": answer}],
        }
        for text, answer in asked
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    params = ReplayParams(ratio=2.0, source=str(path))
    found = replay_rows([], [], params, 2, 1, "iter1", HeldOut([held]))
    assert [row.prompt[0]["content"] for row in found] == [asked[1][0]]


def test_a_choice_question_of_a_file_is_known_by_the_option_in_its_answer(tmp_path: Path) -> None:
    asked = "Which metal is liquid where people feel comfortable?"
    held = Sample(task="t", split="test", input=asked, choices=["Mercury", "Iron"], reference="A")
    path = tmp_path / "rows.jsonl"
    rows = [
        {
            "prompt": [{"role": "user", "content": asked}],
            "completion": [{"role": "assistant", "content": answer}],
        }
        for answer in ("Mercury.", "Gallium, on a hot day.")
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    params = ReplayParams(ratio=2.0, source=str(path))
    found = replay_rows([], [], params, 2, 1, "iter1", HeldOut([held]))
    assert [row.completion[0]["content"] for row in found] == ["Gallium, on a hot day."]


def test_solved_questions_with_thirteen_words_of_what_is_held_out_are_left_out() -> None:
    story = "On Monday a farmer loads six carts with nine sacks of grain and drives"
    held = Sample(task="t", split="test", input=f"{story} to town. Why?", reference="3")
    copy, completion = solved("a", 50)
    asked = [{"role": "user", "content": f"{story} home."}]
    copied = completion.model_copy(update={"messages": asked})
    rows = replay_rows(
        [*SOLVED, copy], [*COMPLETIONS, copied], ReplayParams(ratio=9.0), 40, 1, "iter1",
        HeldOut([held]),
    )  # fmt: skip
    assert len(rows) == len(SOLVED)
    assert not any(row.prompt == asked for row in rows)


def test_replay_and_carrying_over_do_without_torch() -> None:
    code = "import sys, lai.training; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
