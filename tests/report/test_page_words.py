"""What the page says of a run in words: what failed, what is not certain, who was asked."""

import dataclasses
import shutil

from lai.lineage.stories import Story
from lai.report import page, summary
from lai.report.doubts import Doubt
from tests.support.reported import ITERATIONS, TASKS, flat, gathered, write


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
    said = summary.table(run.summary, [row.change for row in run.rows if row.change])
    unseen = f"no evidence (below {100 * run.rows[0].seen:.1f} may go unseen)"
    assert said.splitlines()[1].endswith(f" +0.0  no item changed  {unseen}")
    assert said.count("no item changed") == 5 and "[+0.0" not in said
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


def test_what_a_person_called_wrong_is_said_to_be_doubted_by_a_person(run):
    why = "a person said that its reference is wrong"
    doubt = Doubt("sums", "1 + 1?", "3", [], False, why, ["iter1"])
    html = flat(page.render(dataclasses.replace(run, suspects=[doubt])))
    told = html.partition('<h2 id="suspects-title">')[2].partition("</section>")[0]
    assert "question's own tests, or by a person's word." in told and why in told
    assert "None of them is taught from then on." in told
