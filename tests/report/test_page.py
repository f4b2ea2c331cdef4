"""What the page tells is what the records say."""

import dataclasses
import json
import re

import pytest

from lai.attribution import flips
from lai.attribution.nearest import nearest
from lai.core import jsonl
from lai.core.params.runtime import PriceParams
from lai.core.records import Sample, Score
from lai.core.reviewing import Suspect
from lai.report import items, page, summary, weaknesses
from tests.support.reported import HOSTILE, POOL, TASKS, flat, gathered, rendered, write


def test_the_table_has_each_test_the_means_and_dev(run):
    assert [row.name for row in run.rows] == [
        "sums", "words", "ID mean", "sums_ood", "OOD mean", "dev mean",
    ]  # fmt: skip
    sums = run.rows[0]
    assert sums.n == 20 and sums.curve == [0.5, 0.6, 0.6]
    low, high = sums.band[0]
    assert low < 0.5 < high and (sums.change["fixed"], sums.change["broken"]) == (4, 2)
    # The mean of two tests of 20 items is as exact as one test of 40.
    assert run.rows[2].seen == pytest.approx(sums.seen / 2**0.5)


def test_counts_keep_truncated_and_unanswered_items_apart(run):
    (one,) = [
        one
        for one in run.counted
        if (one.task, one.split, one.iteration) == ("sums", "test", "iter0")
    ]
    assert {key: one.counts[key] for key in ("n", "correct", "incorrect", "no_answer")} == {
        "n": 20, "correct": 10, "incorrect": 8, "no_answer": 2,
    }  # fmt: skip
    assert one.counts["truncated"] == 2
    assert one.low < 0.5 < one.high


def test_weaknesses_are_counted_by_the_questions_behind_them(run):
    told = {row.skill: row for row in run.weaknesses}
    assert [row.skill for row in run.weaknesses] == ["sums", "carrying", "words"]
    # Two questions showed it in iter1, one of them is still wrong; 2 + 1 exercises, 1 more later.
    sums = told["sums"]
    assert (sums.before, sums.again, sums.after, sums.taught) == (2, 2, 1, 4)
    assert sums.iteration == "iter1"
    # Found in the last iteration: no later eval asked again.
    assert (told["words"].before, told["words"].again) == (1, None)


def test_what_was_trained_on_or_set_aside_since_is_no_measure_of_a_weakness(tmp_path):
    figures = write(tmp_path)
    last = tmp_path / "data/iter2"
    seen = {POOL[1].id, POOL[3].id}
    scores = [
        Score(**one.model_dump(exclude={"id"}) | {"seen_in_training": one.sample in seen})
        for one in jsonl.read(Score, last / "scores.jsonl")
    ]
    jsonl.write(last / "scores.jsonl", scores)
    told = gathered(tmp_path, figures)
    counts = {row.skill: (row.before, row.again, row.after) for row in told.weaknesses}
    # Of the two, the one that is still wrong was trained on.
    assert (counts["sums"], counts["carrying"]) == ((2, 1, 0), (1, 0, 0))
    assert '<td>0 <span class="soft">of 1 measured</span></td>' in flat(page.render(told))
    doubt = {"task": "sums", "sample": POOL[0].id, "reference": "2", "found": [], "agree": True}
    jsonl.write(last / "aside.jsonl", [Suspect(reason="it is 3", **doubt)])
    (sums, *_) = gathered(tmp_path, figures).weaknesses
    assert (sums.before, sums.again) == (2, 0)


def weakness(task, number, before=3, after=0, taught=0, again=3):
    return weaknesses.Row(task, f"{task} {number:03d}", "iter1", before, again, after, taught)


def skills(part):
    return [int(row.skill.split()[1]) for row in part.rows]


def test_each_task_shows_as_many_weaknesses_and_what_one_lacks_goes_to_the_others():
    rows = [
        weakness(task, n) for task, many in (("a", 100), ("b", 3), ("c", 90)) for n in range(many)
    ]
    parts = weaknesses.shown(rows, 50)
    told = [(part.task, len(part.rows), part.total) for part in parts]
    assert told == [("a", 24, 100), ("b", 3, 3), ("c", 23, 90)]
    assert [len(part.rows) for part in weaknesses.shown(rows[:40], 50)] == [40]


def test_a_cut_through_equals_shows_those_that_lost_most_and_those_that_lost_least():
    large = [weakness("a", n, before=9, after=9, again=9) for n in range(2)]
    equal = [weakness("a", 10 + n, after=3 if n < 6 else 0, taught=n) for n in range(12)]
    unasked = [weakness("a", 30, again=None)]
    small = [weakness("a", 40, before=1, again=1)]
    rows = sorted([*unasked, *small, *equal, *large], key=weaknesses.order)
    (part,) = weaknesses.shown(rows, 7)
    # Both large ones; then 3 that lost all, those most taught first; then 2 that lost none.
    assert skills(part) == [0, 1, 21, 20, 19, 11, 10]
    (part,) = weaknesses.shown(rows, 15)
    assert skills(part) == [0, 1, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 30]


def test_the_page_says_how_many_weaknesses_of_how_many_it_shows(run):
    many = [weakness("sums", n) for n in range(80)] + [weakness("words", n) for n in range(70)]
    html = page.render(dataclasses.replace(run, weaknesses=many))
    assert "50 of 150, every task its share." in html
    assert 'colspan="6">sums <span class="soft">25 of 80</span>' in html
    assert 'colspan="6">words <span class="soft">25 of 70</span>' in html
    assert "every task its share" not in page.render(run)


def test_flips_show_both_answers_and_leave_out_what_was_trained_on(run):
    pool = {item["question"]: item for item in run.items["items"] if item["split"] == "pool"}
    assert {question: item["way"] for question, item in pool.items()} == {
        "0 + 2?": "fixed",
        "2 + 2?": "broken",
    }
    assert pool["0 + 2?"]["before"] == ["wrong", "iter1 on 0 + 2?", "not so"]
    assert pool["0 + 2?"]["after"] == ["right", "iter2 on 0 + 2?", ""]
    test = [item for item in run.items["items"] if item["split"] == "test"]
    assert sum(item["way"] == "fixed" for item in test) == 12
    assert sum(item["way"] == "broken" for item in test) == 6
    assert run.items["total"][-2:] == [["test", "broken", 6], ["test", "fixed", 12]]
    assert run.items["kept"] == run.items["total"]


def test_an_error_of_the_pool_shows_the_exercises_written_for_it(run):
    (item,) = [item for item in run.items["items"] if item["question"] == "0 + 2?"]
    assert item["how"] == "written for this question"
    shown = [run.items["taught"][place][1] for place in item["near"]]
    assert sorted(shown) == ["0 + 2? Add for iter1, 0.", "1 + 2? Add for iter1, 0."]


def test_a_test_item_shows_rows_of_its_skill_or_of_similar_wording(tmp_path):
    run = gathered(tmp_path, write(tmp_path, question=lambda number: f"Add {number}"))
    of = {item["question"]: item for item in run.items["items"]}
    skilled = of["Add 4 (test 4)"]
    assert skilled["how"] == "same skill: Sums"
    texts = {run.items["taught"][place][1] for place in skilled["near"]}
    assert all("Add for" in text for text in texts) and len(texts) == 2
    assert of["Add 15 (test 15)"]["how"].startswith("similar wording, cosine 0.")


def test_nothing_taught_is_near_to_nothing():
    (near,) = nearest(POOL[:1], [], TASKS)
    assert near.rows == [] and near.how == ""


def test_yield_failures_and_usage(run):
    assert {row.label: row.values for row in run.exercises} == {
        "accepted": [4, 2],
        "copies a pool question": [1, 1],
    }
    assert {row.label: row.values for row in run.failures} == {"analyze: no JSON": [1, 1]}
    assert run.usage[1][1]["analyze"]["prompt_tokens"] == 1000
    assert run.usage[1][1]["train"]["rows"] == 6


def test_tokens_cost_what_params_say_or_nobody_knows_what(run):
    assert "What they cost is not known" in page.render(run)
    price = PriceParams(input=100, output=1000)
    html = page.render(dataclasses.replace(run, params={**run.params, "price": price}))
    used = [step for _, row in run.usage for step in (row["analyze"], row["synthesize"])]
    of = {key: sum(step[key] for step in used) for key in ("prompt_tokens", "completion_tokens")}
    whole = (100 * of["prompt_tokens"] + 1000 * of["completion_tokens"]) / 1e6
    assert whole > 0.1
    assert f"<td>{whole:.4f}</td></tr>" in html
    assert "not known" not in html


def test_the_page_is_a_function_of_its_records(tmp_path):
    first = rendered(tmp_path / "a", 60)
    assert first == rendered(tmp_path / "b", 60)
    assert "http" not in re.sub(r'http-equiv|xmlns="[^"]*"', "", first)


def test_an_untaught_run_has_a_page_too(tmp_path):
    write(tmp_path)
    figures = summary.summarize(tmp_path / "metrics/iterations", {}, TASKS, "le", 1)
    run = gathered(tmp_path, figures)
    assert run.weaknesses == [] and run.usage == []
    assert "Nothing was taught in this run." in page.render(run)


def test_what_is_beyond_the_budget_is_left_out_fixed_items_first(tmp_path):
    write(tmp_path, 600)
    found = flips.flips(
        jsonl.read(Sample, tmp_path / "data/splits/test.jsonl"),
        flips.evaluated(tmp_path / "data/iter0", "reeval_"),
        flips.evaluated(tmp_path / "data/iter2", "reeval_"),
    )
    shown = items.payload(found, [], TASKS, budget=25_000)
    assert shown["total"] == [["test", "broken", 60], ["test", "fixed", 120]]
    (_, _, broken), (_, _, fixed) = shown["kept"]
    assert broken == 60 and 0 < fixed < 120
    assert len(items.embedded(shown["items"])) < 25_000 + 20 * len(shown["items"])


def test_the_page_says_what_was_left_out(run):
    fewer = run.items | {"kept": [["test", "broken", 6]]}
    html = page.render(dataclasses.replace(run, items=fewer))
    assert "items are left out" in html and "(0 on this page)" in html


def test_embedded_json_ends_no_script_and_comes_back_whole():
    text = items.embedded({"said": HOSTILE + "<!--\ud800"})
    assert "<" not in text
    assert json.loads(text)["said"] == HOSTILE + "<!--�"


def test_hostile_text_is_escaped_wherever_it_stands(tmp_path):
    run = gathered(tmp_path, write(tmp_path, 30, lambda number: HOSTILE, lambda number: HOSTILE))
    named = [dataclasses.replace(row, skill=HOSTILE, task=HOSTILE) for row in run.weaknesses]
    shown = dict(run.params) | {"target": {"engine": "hf", "model": HOSTILE}}
    html = page.render(dataclasses.replace(run, weaknesses=named, params=shown))
    assert "<img" not in html
    assert html.count("</script>") == 2


def test_long_texts_are_cut_with_a_note():
    assert items.cut("x" * 100, 10) == "x" * 10 + " [... 90 more characters]"
    assert items.cut("short", 10) == "short"
