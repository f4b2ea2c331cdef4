"""What the page tells is what the records say."""

import dataclasses
import json
import re
import shutil
import xml.etree.ElementTree as ElementTree

import pytest

from lai.core import jsonl
from lai.core.params.runtime import PriceParams
from lai.core.records import Sample
from lai.lineage import Story
from lai.report import charts, flips, page, summary, weaknesses
from lai.report.nearest import nearest
from tests.support.reported import HOSTILE, ITERATIONS, POOL, TASKS, gathered, rendered, write


def flat(html):
    """The page with every run of blanks as one."""
    return re.sub(r"\s+", " ", html)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    root = tmp_path_factory.mktemp("run")
    return gathered(root, write(root))


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
    assert f"<td>{whole:.2f}</td></tr>" in html
    assert "not known" not in html


def test_the_page_says_which_iteration_failed_the_gate(run):
    html = page.render(run)
    assert "iter2 failed the gate on dev" in html
    assert "sums 50.0 to 25.0 (fixed 1, broken 9, p = 0.02)." in html


def test_the_page_says_that_a_failed_iteration_was_taken_back(run):
    gates = {name: {**gate, "good": name} for name, gate in run.gates.items()}
    assert "taken back" not in page.render(dataclasses.replace(run, gates=gates))
    gates = {name: {**gate, "good": "iter1"} for name, gate in run.gates.items()}
    html = page.render(dataclasses.replace(run, gates=gates))
    assert "the model that this run ends with is iter1&#39;s" in html


def test_no_evidence_stands_beside_what_would_have_been_seen(run):
    html = page.render(run)
    assert run.rows[0].change["verdict"] == "no evidence"
    assert f"(below {100 * run.rows[0].seen:.1f} may go unseen)" in html
    # Of two tests of 20 items each.
    mean = f"{100 * run.rows[2].seen:.0f}"
    said = f"with 40 items in 2 tests a change of less than about {mean} points may well go unseen."
    assert f"no evidence of a change; {said}" in flat(html)


def test_that_no_item_changed_is_said_and_not_taken_for_certainty(tmp_path):
    write(tmp_path)
    data, metrics = tmp_path / "data", tmp_path / "metrics/iterations"
    for name in ("reeval_completions.jsonl", "reeval_scores.jsonl"):
        shutil.copy(data / "iter0" / name, data / "iter2" / name)
    shutil.copy(metrics / "iter0.json", metrics / "iter2.json")
    run = gathered(tmp_path, summary.summarize(metrics, ITERATIONS, TASKS, "le", 1))
    assert [row.flipped for row in run.rows] == [0, 0, 0, 0, 0, None]
    html = flat(page.render(run))
    assert "no in-domain test item changed and no out-of-domain test item changed." in html
    assert "every item is right or wrong as before; with 40 items in 2 tests" in html
    assert html.count('<span class="interval">no item changed</span>') == 5
    assert "+0.0 to +0.0" not in html
    wrong = [dataclasses.replace(row, curve=[0.0, 0.0, 0.0]) for row in run.rows]
    assert "no item was right before or after; with" in flat(
        page.render(dataclasses.replace(run, rows=wrong))
    )


def test_some_items_that_flip_both_ways_are_a_change(run):
    (sums, *_) = run.rows
    assert sums.flipped == 6 and not sums.unchanged
    assert "no item changed" not in page.render(run)


def params_with(run, **instructor):
    return {**run.params, "instructor": run.params["instructor"] | instructor}


TUTOR = {"engine": "builtin", "model": "tutor", "provider": "openai", "temperature": 0.8}


def test_the_tutor_is_named_where_it_was_asked(run):
    assert "rule-based tutor" not in page.render(run)
    tutored = dataclasses.replace(run, params=params_with(run, **TUTOR))
    html = page.render(tutored)
    assert "The instructor of this run is the demo's rule-based tutor" in html
    assert "invented world" not in html
    nothing = {"replies": 0, "prompt_tokens": 0, "completion_tokens": 0}
    unasked = [
        (name, used | {"analyze": nothing, "synthesize": nothing}) for name, used in run.usage
    ]
    html = page.render(dataclasses.replace(tutored, usage=unasked))
    assert "rule-based tutor" not in html and 'class="note"' not in html
    assert "no instructor was asked" in html


def test_planted_gaps_are_told_of_the_demos_tasks_and_model(run):
    html = page.render(dataclasses.replace(run, invented=["sums"]))
    assert "The tasks sums ask about the demo's invented world. This run" in html
    target = {"engine": "hf", "model": "models/base/micro"}
    params = {**run.params, "target": target}
    html = page.render(dataclasses.replace(run, invented=list(TASKS), params=params))
    assert "Its tasks ask about the demo's invented world, and the gaps" in html
    assert "planted" not in page.render(dataclasses.replace(run, params=params))


def test_the_run_shows_the_settings_that_its_engine_takes(run):
    told = dataclasses.replace(run, params=params_with(run, **TUTOR))
    assert told.settings("instructor") == {"engine": "builtin", "model": "tutor"}
    assert "provider" not in page.render(told)
    told = dataclasses.replace(run, params=params_with(run, **TUTOR | {"engine": "openai"}))
    assert told.settings("instructor") == TUTOR | {"engine": "openai"}
    unset = dataclasses.replace(
        run, params={**run.params, "target": {"engine": "hf", "model": "m", "revision": None}}
    )
    assert unset.settings("target") == {"engine": "hf", "model": "m"}


def test_what_became_of_an_error_stands_before_the_weaknesses_and_in_the_navigation(run):
    assert "#stories" not in page.render(run)
    story = Story("sums", "1 + 1?", "2", "3", "it guesses", "2 + 2?", "It is 4.", "2", "iter1")
    html = page.render(dataclasses.replace(run, stories=[story]))
    assert '<a href="#stories">What became of an error</a>' in html.partition("</nav>")[0]
    places = [html.index(f'id="{name}"') for name in ("results", "curves", "stories", "weaknesses")]
    assert places == sorted(places)


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
    shown = flips.payload(found, [], TASKS, budget=25_000)
    assert shown["total"] == [["test", "broken", 60], ["test", "fixed", 120]]
    (_, _, broken), (_, _, fixed) = shown["kept"]
    assert broken == 60 and 0 < fixed < 120
    assert len(flips.embedded(shown["items"])) < 25_000 + 20 * len(shown["items"])


def test_the_page_says_what_was_left_out(run):
    fewer = run.items | {"kept": [["test", "broken", 6]]}
    html = page.render(dataclasses.replace(run, items=fewer))
    assert "items are left out" in html and "(0 on this page)" in html


def test_embedded_json_ends_no_script_and_comes_back_whole():
    text = flips.embedded({"said": HOSTILE + "<!--\ud800"})
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
    assert flips.cut("x" * 100, 10) == "x" * 10 + " [... 90 more characters]"
    assert flips.cut("short", 10) == "short"


def test_the_scale_holds_all_values():
    assert charts.scale([0.57, 0.883]) == (0.5, 0.9)
    assert charts.scale([0.51, 0.52]) == (0.4, 0.7)
    assert charts.scale([1.0, 1.0]) == (0.8, 1.0)
    assert charts.scale([0.0, 0.0]) == (0.0, 0.2)


def test_a_radar_has_an_axis_a_task_and_a_shape_an_iteration(run):
    svg = page.radar(run.summary)
    root = ElementTree.fromstring(svg)
    shapes = [
        one for one in root.iter() if "shape" in one.get("class", "") and "points" in one.attrib
    ]
    assert [one.get("class") for one in shapes] == [
        "shape first", "shape between tone0", "shape last",
    ]  # fmt: skip
    assert charts.radar({"a": [0.1], "b": [0.2]}, ["iter0"]) is None


def test_the_shapes_of_a_dozen_iterations_can_be_told_apart():
    names = [f"iter{number}" for number in range(14)]
    drawn = charts.radar({name: [0.5] * 14 for name in "abc"}, names)
    assert len({(shape["kind"], shape["dashes"]) for shape in drawn.shapes}) == 14
    style = (page.HERE / "page.css").read_text()
    alone = (page.HERE / "radar.svg.jinja").read_text()
    for tone in range(charts.TONES):
        assert f".tone{tone} {{ stroke:" in style and f".tone{tone} {{ stroke:" in alone


def test_a_radar_without_enough_tasks_says_so():
    svg = page.radar({"tasks": {}, "iterations": ["iter0"]})
    ElementTree.fromstring(svg)
    assert "needs three tests" in svg


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_has_contrast_aa_in_both_schemes():
    style = (page.HERE / "page.css").read_text()
    schemes = [dict(re.findall(r"--(\w+): (#\w{6});", block)) for block in style.splitlines()[:2]]
    for scheme in schemes:
        for text in ("ink", "soft", "up", "down", "curve"):
            for ground in ("paper", "card"):
                light, dark = sorted(
                    (luminance(scheme[text]), luminance(scheme[ground])), reverse=True
                )
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)
        for tone in range(charts.TONES):
            light, dark = sorted(
                (luminance(scheme[f"tone{tone}"]), luminance(scheme["paper"])), reverse=True
            )
            assert (light + 0.05) / (dark + 0.05) >= 3, tone
