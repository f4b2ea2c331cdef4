"""References that every independent solve contradicts are set aside, and are no lesson."""

import json
import re

import pytest

from lai import reviews
from lai.asking.solving import Solver
from lai.attribution.taught import lessons
from lai.core import jsonl
from lai.core.params.checks import SuspectsParams
from lai.core.params.schema import InstructorParams, SynthesizeParams
from lai.core.records import Sample, Seed, Solved, SyntheticSample, Verdict
from lai.core.reviewing import Decision, Decisions, without
from lai.engines.base import Reply
from lai.engines.builtin import BuiltinEngine
from lai.instruction import suspects
from lai.instruction.analyze import analyze
from lai.instruction.direct import Source
from lai.instruction.material import Material
from tests.support.instructing import demo_errors, seeds_of

TUTOR = InstructorParams()
THREE = SuspectsParams()


class Watched(BuiltinEngine):
    """The tutor; `said` replaces its solution in a draw, by the number of the draw."""

    def __init__(self, said=None):
        self.said = said or {}
        self.draws = []

    def generate(self, requests):
        for request, reply in zip(requests, super().generate(requests), strict=True):
            self.draws.append(request.draw)
            text = self.said.get(request.draw, reply.text)
            yield Reply(request_key=reply.request_key, text=text, stop_reason="stop")


def solution(text):
    return json.dumps({"solution": text})


def planted(family, count=6, reference="B", metadata=None):
    """Errors of the demo, of which the first has a wrong reference."""
    tasks, samples, completions, errors = demo_errors(family, count)
    first = samples[0]
    fields = first.model_dump(exclude={"id"}) | {"reference": reference}
    wrong = Sample(**fields | {"metadata": metadata or {}})
    changed = {"sample": wrong.id, "reference": reference}
    fields = errors[0].model_dump(exclude={"id"}) | changed
    errors = [type(errors[0])(**fields), *errors[1:]]
    return tasks, [wrong, *samples[1:]], completions, errors


def found(given, engine=None, params=THREE, decisions=(), seeds=None):
    tasks, samples, _, errors = given
    solver = Solver(engine or Watched(), TUTOR, tasks, 1)
    known = {sample.id: sample for sample in samples}
    seeds = seeds or seeds_of(errors)
    return suspects.find(seeds, errors, known, solver, params, Decisions(decisions))


@pytest.mark.parametrize("family", ["math", "coding", "facts"])
def test_the_references_of_the_demo_are_right(family):
    tasks, samples, completions, errors = demo_errors(family, 30)
    if family == "coding":
        tests = {"tests": ["assert True"]}
        samples = [
            Sample(**one.model_dump(exclude={"id"}) | {"metadata": tests}) for one in samples
        ]
        errors = [
            type(error)(**error.model_dump(exclude={"id"}) | {"sample": sample.id})
            for error, sample in zip(errors, samples, strict=True)
        ]
    engine = Watched()
    assert found((tasks, samples, completions, errors), engine) == []
    assert engine.draws == [0] * 30, "what the first solve agrees with is not solved again"


def test_a_wrong_reference_is_found_and_not_analysed():
    given = planted("math", reference="987654")
    _, samples, completions, errors = given
    engine = Watched()
    [suspect] = found(given, engine)
    assert engine.draws == [0] * 6 + [1, 2]
    assert suspect.parents == [errors[0].id]
    assert (suspect.sample, suspect.reference) == (samples[0].id, "987654")
    assert suspect.agree and len(suspect.found) == 3
    assert len({one.request_key for one in suspect.found}) == 3
    assert suspect.reason.startswith("3 of 3 solves contradict it, all of them the same: ")
    seeds, sound = without([suspect], seeds_of(errors), errors)
    assert [error.sample for error in sound] == [sample.id for sample in samples[1:]]
    material = Material(samples, completions)
    analyses, failures = analyze(seeds, sound, [], material, BuiltinEngine(), TUTOR, 1)
    assert len(analyses) == 5 and not failures


@pytest.mark.parametrize(
    ("said", "draws"),
    [
        ({1: solution("The answer is 987654.")}, [0, 1]),  # one that agrees is enough
        ({1: solution("I cannot tell.")}, [0, 1]),  # no answer contradicts nothing
        ({0: "no JSON"}, [0, 0]),  # asked once more, and then let be
    ],
)
def test_what_is_not_contradicted_by_all_is_taught(said, draws):
    given = planted("math", 1, "987654")
    engine = Watched(said)
    assert found(given, engine) == []
    assert engine.draws == draws


def test_answers_that_differ_are_said_to():
    [suspect] = found(planted("math", 1, "987654"), Watched({2: solution("The answer is 5.")}))
    assert not suspect.agree and "not all alike" in suspect.reason


def test_a_reference_solution_that_fails_its_own_tests_needs_no_instructor():
    wrong = "def f(x):\n    return 1"
    engine = Watched()
    given = planted("coding", 1, wrong, {"tests": ["assert f(1) == 2"]})
    [suspect] = found(given, engine)
    assert suspect.reason.startswith("the reference solution fails its own tests: ")
    assert suspect.found == [] and engine.draws == []


def test_a_question_that_comes_with_tests_alone_has_no_solution_to_run():
    """`fields.reference: null`: the tests stand in its place."""
    test = "assert f(1) == 2"
    assert found(planted("coding", 1, test, {"tests": [test]}), Watched({0: "?", 1: "?"})) == []


def test_a_person_knows_better_and_costs_nothing():
    given = planted("math", 2, "987654")
    _, samples, _, _ = given
    right, wrong = (
        Decision(sample=samples[i].id, word=w) for i, w in enumerate(("right", "wrong"))
    )
    engine = Watched()
    [suspect] = found(given, engine, decisions=[right, wrong])
    assert suspect.sample == samples[1].id and engine.draws == []
    assert found(given, engine, None, [right]) == [] == found(given, engine, None)


def group_of(errors):
    first, *others = errors
    return Seed(
        parents=[one.id for one in errors],
        strategy="patterns",
        task="math",
        sample=first.sample,
        error=first.id,
        completion=first.completion,
        others=[one.id for one in others],
    )


def test_a_group_of_errors_goes_on_without_the_suspect():
    tasks, samples, completions, errors = planted("math", 4, "987654")
    group = group_of(errors)
    aside = found((tasks, samples, completions, errors), seeds=[group])
    [left], sound = without(aside, [group], errors)
    assert left.id == group.id and left.sample == samples[1].id
    assert left.others == [one.id for one in errors[2:]]
    shown = []

    class Shown(BuiltinEngine):
        def generate(self, requests):
            shown.extend(request.messages[0]["content"] for request in requests)
            return super().generate(requests)

    analyze([left], sound, [], Material(samples, completions), Shown(), TUTOR, 1)
    assert not re.search("987654", shown[0]) and samples[1].input in shown[0]
    assert without(aside, [group], errors[:1]) == ([], [])


def test_the_lesson_of_a_group_is_told_without_the_suspect(tmp_path):
    tasks, samples, completions, errors = planted("math", 3, "987654")
    group, folder = group_of(errors), tmp_path / "iter1"
    aside = found((tasks, samples, completions, errors), seeds=[group])
    material = Material(samples, completions)
    left, sound = without(aside, [group], errors)
    [analysis], _ = analyze(left, sound, [], material, BuiltinEngine(), TUTOR, 1)
    exercise = SyntheticSample(
        parents=[analysis.id], task="math", input="1?", reference="1", solution="1",
        request_key="k",
    )  # fmt: skip
    verdict = Verdict(parents=[exercise.id], sample=exercise, accepted=True, checks=[])
    jsonl.write(tmp_path / "splits/pool.jsonl", samples)
    for name, records in {
        "seeds": [group], "errors": errors, "suspects": aside, "completions": completions,
        "analyses": [analysis], "verdicts": [verdict], "rejected": [], "gold_suspects": [],
    }.items():  # fmt: skip
        jsonl.write(folder / f"{name}.jsonl", records)
    assert lessons(tmp_path, ["iter0", "iter1"])[analysis.id].samples == tuple(
        one.sample for one in errors[1:]
    )
    [shown] = [item for item in reviews.items(tmp_path, "iter1") if item.kind == "accepted"]
    told = dict(shown.parts)
    assert told["written for"].startswith(samples[1].input)
    assert told["its reference"] == samples[1].reference


def gold(given, count, engine, params=THREE, right=0):
    """What `finetune` teaches of a pool whose last `right` questions were solved."""
    tasks, samples, completions, errors = given
    shown = Material(samples, completions)
    solver = Solver(engine, TUTOR, tasks, 1)
    look = suspects.look(shown.samples, solver, params, Decisions([]))
    asked = (shown, tasks, engine, TUTOR, SynthesizeParams())
    wrong = errors[: len(errors) - right]
    solved = [
        Solved(sample=one.sample, task=one.task, completion=one.completion)
        for one in errors[len(wrong) :]
    ]
    source = Source(*asked, 1, examine=look)
    found = source.teach({("math", "finetune"): count}, wrong, solved, "iter1")
    return found, {row.parents[-1] for row in found.rows}


def test_a_doubtful_reference_is_not_taught_as_it_is_and_another_takes_its_place():
    given = planted("math", 6, "987654")
    _, samples, _, errors = given
    engine = Watched()
    found, taught = gold(given, 5, engine)
    assert taught == {one.id for one in samples[1:]} and not found.shortfall
    assert [one.parents for one in found.suspects] == [[errors[0].id]]
    assert sorted(engine.draws) == [0] * 6 + [1, 2]
    short, _ = gold(given, 6, Watched())
    assert short.shortfall == {"math": 1}


def test_what_the_target_solved_bears_its_reference_out_and_nobody_is_asked():
    engine = Watched()
    found, taught = gold(planted("math", 6), 6, engine, right=6)
    assert len(taught) == 6 and engine.draws == [] and not found.suspects


def test_where_nobody_is_to_look_references_are_taught_as_they_are():
    engine = Watched()
    found, taught = gold(planted("math", 6, "987654"), 6, engine, params=None)
    assert len(taught) == 6 and engine.draws == [] and not found.suspects
