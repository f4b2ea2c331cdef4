"""Pairs: which errors they are of, what is chosen over what, and how many there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lai import preference
from lai.core import jsonl
from lai.core.params import load
from lai.core.params.tasks import Task
from lai.core.records import Completion, Error, Pair, Sample, Seed, TrainRow
from lai.core.reviewing import Suspect
from lai.estimation.rehearse import everything
from lai.overlap import HeldOut
from lai.tasks import kept
from stages import prefer
from tests.support.closure import ROOT

TASKS = {
    name: Task(family="math", role="id", scorer=scorer, prompt="plain")
    for name, scorer in {"sums": "number", "essays": "judge"}.items()
}
Failed = tuple[Sample, Completion, Error]


def failed(number: int, task: str = "sums", **changes: Any) -> Failed:
    """A question, a wrong response to it, and the error; keywords change what they say."""
    sample = Sample(
        task=task,
        split="pool",
        input=f"{number} plus {number}?",
        reference=changes.pop("reference", str(2 * number)),
        metadata={"solution": changes.pop("solution", f"{number} + {number} = {2 * number}")},
    )
    completion = Completion(
        parents=[sample.id],
        sample=sample.id,
        model="m",
        messages=[{"role": "user", "content": f"Add: {sample.input}"}],
        completion=changes.pop("said", f"The answer is {number}."),
        reasoning=changes.pop("reasoning", ""),
        stop_reason="stop",
    )
    error = Error(
        parents=[completion.id],
        sample=sample.id,
        task=task,
        error=changes.pop("kind", "wrong"),
        answer=str(number),
        reference=sample.reference,
        completion=completion.id,
    )
    assert not changes
    return sample, completion, error


def pairs(
    items: list[Failed], seed: int = 1, iteration: str = "iter1", **wanted: int
) -> list[Pair]:
    """As many as are wanted of each task, in place of the rows `sums 0`, `sums 1`, ..."""
    samples, completions, errors = ([item[place] for item in items] for place in range(3))
    places = {task: [f"{task} {n}" for n in range(count)] for task, count in wanted.items()}
    return preference.pair(errors, completions, samples, TASKS, places, seed, iteration)[0]


def test_the_worked_reference_is_chosen_over_the_response_of_the_target() -> None:
    sample, completion, error = failed(4, reasoning="hm")
    (pair,) = pairs([(sample, completion, error)], sums=1)
    assert pair.parents == [error.id, sample.id]
    assert (pair.task, pair.iteration, pair.prompt) == ("sums", "iter1", completion.messages)
    assert pair.chosen == [{"role": "assistant", "content": "4 + 4 = 8\nThe answer is 8."}]
    thought = "<think>\nhm\n</think>\n\nThe answer is 4."
    assert pair.rejected == [{"role": "assistant", "content": thought}]


def test_only_wrong_answers_to_sound_questions_make_pairs() -> None:
    sound, judged = failed(5), failed(6, task="essays", reference="Free verse.", solution="")
    unsound = [
        failed(1, kind="no_answer"),
        failed(2, kind="truncated"),
        failed(3, reference="many"),
        # A scorer may take a response for wrong that is the reference, word by word.
        failed(4, said="4 + 4 = 8\nThe answer is 8. "),
    ]
    found = pairs([sound, judged, *unsound], sums=9, essays=9)
    assert {pair.parents[0] for pair in found} == {sound[2].id, judged[2].id}


def test_as_many_as_are_wanted_are_drawn_whatever_their_order() -> None:
    items = [failed(number) for number in range(1, 40)]
    # What cannot be chosen is made up for by others.
    items += [failed(number, reference="many") for number in range(40, 60)]

    def drawn(seed: int, step: int = 1, iteration: str = "iter1") -> set[str]:
        return {pair.parents[0] for pair in pairs(items[::step], seed, iteration, sums=15)}

    assert len(drawn(1)) == 15
    assert drawn(1) == drawn(1, step=-1)
    assert len({frozenset(drawn(*of)) for of in ((1,), (2,), (1, 1, "iter2"))}) == 3
    found = pairs(items, sums=99)
    assert [pair.id for pair in found] == sorted(pair.id for pair in found)
    assert {pair.instead for pair in found} == {f"sums {n}" for n in range(39)}
    assert pairs(items, sums=0) == []


def test_what_is_held_out_is_neither_asked_nor_preferred() -> None:
    clean, asked, solved = (
        failed(1),
        failed(2),
        failed(3, solution="Eleven hens lay six eggs a day"),
    )
    held = [
        Sample(task="farm", split="test", input=text, reference="1")
        for text in ("Eleven hens lay six eggs a day.", asked[0].input)
    ]
    samples, completions, errors = zip(clean, asked, solved, strict=True)
    found, copies = preference.pair(
        errors, completions, samples, TASKS, {"sums": list("abc")}, 1, "iter1", HeldOut(held)
    )
    assert [pair.parents[0] for pair in found] == [clean[2].id]
    assert copies == 2


def test_only_errors_that_a_lesson_starts_from_are_looked_at() -> None:
    (_, _, one), (_, _, other), (_, _, third) = (failed(number) for number in range(3))
    shown = [
        Seed(strategy="patterns", task="sums", sample="s", error=one.id, others=[third.id]),
        Seed(strategy="augment", task="sums", sample=other.sample),
    ]
    assert preference.looked_at([one, other, third], shown, []) == [one, third]
    doubtful = Suspect(
        parents=[third.id], task="sums", sample=third.sample, reference="2", found=[], agree=True,
        reason="its tests fail",
    )  # fmt: skip
    assert preference.looked_at([one, other, third], shown, [doubtful]) == [one]


def test_no_pair_prefers_a_reference_that_any_stage_found_doubtful(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples, completions, errors = zip(*(failed(number) for number in range(1, 5)), strict=True)
    doubts = [
        Suspect(
            parents=[one.id], task="sums", sample=one.sample, reference="2", found=[], agree=True,
            reason="its tests fail",
        )
        for one in errors[:2]
    ]  # fmt: skip
    rows = [
        TrainRow(task="sums", iteration="iter1", prompt=[{"role": "user", "content": str(number)}],
                 completion=[])
        for number in range(4)
    ]  # fmt: skip
    seeds = [Seed(strategy="le", task="sums", sample=one.sample, error=one.id) for one in errors]
    monkeypatch.chdir(tmp_path)
    kept.write(TASKS)
    for name, records in {
        "iter0/pairs": [], "iter1/train": rows, "iter1/errors": errors, "iter1/seeds": seeds,
        "iter1/completions": completions, "iter1/suspects": doubts[:1],
        "iter1/gold_suspects": doubts[1:], "splits/pool": samples, "splits/dev": [],
        "splits/test": [], "splits/undrawn": [],
    }.items():  # fmt: skip
        jsonl.write(f"data/{name}.jsonl", records)
    given = load(ROOT / "params.yaml")
    train = given.train.model_copy(update={"objective": "dpo"})
    params = everything(given.model_copy(update={"train": train}))
    assert "2 errors -> 2 of 4 pairs wanted" in prefer.main(params, "iter1", "iter0")
    pairs = jsonl.read(Pair, "data/iter1/pairs.jsonl")
    assert {pair.parents[0] for pair in pairs} == {one.id for one in errors[2:]}


@pytest.mark.parametrize(("share", "counts"), [(1.0, {"a": 4, "b": 3}), (0.5, {"a": 2, "b": 2})])
def test_pairs_replace_rows_of_the_iteration(share: float, counts: dict[str, int]) -> None:
    rows = [
        TrainRow(
            task=task,
            iteration=iteration,
            prompt=[{"role": "user", "content": str(number)}],
            completion=[],
        )
        for task, iteration, size in (("a", "iter2", 4), ("b", "iter2", 3), ("b", "iter1", 9))
        for number in range(size)
    ]
    places = preference.replaceable(rows, share, 1, "iter2")
    assert {task: len(set(ids)) for task, ids in places.items()} == counts
    own = {task: {row.id for row in rows if (row.task, row.iteration) == (task, "iter2")}
           for task in counts}  # fmt: skip
    assert all(set(ids) <= own[task] for task, ids in places.items())
    assert preference.replaceable(rows[::-1], share, 1, "iter2") == places
    if share < 1:
        drawn = {str(preference.replaceable(rows, share, seed, "iter2")) for seed in range(9)}
        assert len(drawn) > 1
