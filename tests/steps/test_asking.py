"""One exchange with an instructor: what is asked, what can be used, what is asked again."""

import json

import pytest

from lai.asking import ask, request
from lai.core.errors import PipelineError
from lai.core.params.schema import InstructorParams
from lai.core.records import Completion, Error, Sample
from lai.engines.store.cache import Cached
from lai.instruction.analyze import AnalysisShape, analyze
from lai.instruction.material import Material
from lai.instruction.shapes import ChoiceSamples, CodeSamples, TextSamples
from tests.support.instructing import Scripted, demo_errors, seeds_of

TUTOR = InstructorParams()
ANALYSIS = {"skill": "sums", "misconception": "carries", "explanation": "2 + 2 = 4"}


def test_an_unusable_reply_is_asked_about_once_with_the_complaint():
    engine = Scripted('{"skill": "sums"}', "Sure:\n```json\n" + json.dumps(ANALYSIS) + "\n```")
    first = request("analyse this", AnalysisShape, TUTOR, 1)
    asked = ask(engine, [first], AnalysisShape)[first.key]
    assert asked.value == AnalysisShape(**ANALYSIS)
    assert len(engine.requests) == 2
    complaint = engine.requests[1].messages[-1]["content"]
    assert "misconception: Field required" in complaint
    assert engine.requests[1].messages[1]["content"] == '{"skill": "sums"}'


def test_the_second_question_reaches_the_instructor_through_the_store_too(tmp_path):
    engine = Scripted("nonsense", json.dumps(ANALYSIS))
    first = request("analyse this", AnalysisShape, TUTOR, 1)
    stored = Cached(engine, tmp_path / "replies.sqlite")
    asked = ask(stored, [first], AnalysisShape)[first.key]
    assert asked.value == AnalysisShape(**ANALYSIS)
    assert asked.request.key == engine.requests[1].key != first.key
    assert (stored.asked, stored.cached) == (2, 0)


def test_replies_that_are_all_unusable_are_asked_for_again_by_the_next_run(tmp_path):
    _, samples, completions, errors = demo_errors("math", 1)
    material = Material(samples, completions)
    engine = Scripted("busy", "busy", json.dumps(ANALYSIS))
    stored = Cached(engine, tmp_path / "replies.sqlite")
    with pytest.raises(PipelineError, match="no usable analysis of 1 seeds"):
        analyze(seeds_of(errors), errors, [], material, stored, TUTOR, 1)
    analyses, _ = analyze(seeds_of(errors), errors, [], material, stored, TUTOR, 1)
    assert len(analyses) == 1
    assert not engine.texts


GOOD = {"question": "2 + 2?", "answer": "4", "solution": "2 + 2 = 4"}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ([GOOD, {"question": "3 + 3?", "answer": "6"}], 1),
        ([{}, GOOD, None, GOOD], 2),
        ([GOOD | {"choices": ["4"] * 27}], 1),
    ],
)
def test_one_exercise_that_does_not_fit_costs_no_other(written, kept):
    found = TextSamples.model_validate({"samples": written, "left_out": 9})
    assert (len(found.samples), found.left_out) == (kept, len(written) - kept)


@pytest.mark.parametrize("test", ["1 + 1", "# no assert", "assert True", "assert f(", ""])
def test_a_test_that_asserts_nothing_of_a_call_is_none(test):
    code = GOOD | {"tests": ["assert f(2) == 4", test]}
    with pytest.raises(ValueError, match="a test"):
        CodeSamples.model_validate({"samples": [code]})


def test_a_choice_exercise_has_as_many_options_as_there_are_letters():
    wide = GOOD | {"choices": [str(n) for n in range(27)]}
    narrow = GOOD | {"choices": ["4", "5"]}
    found = ChoiceSamples.model_validate({"samples": [wide, narrow]})
    assert (len(found.samples), found.left_out) == (1, 1)
    with pytest.raises(ValueError, match="at most 26"):
        ChoiceSamples.model_validate({"samples": [wide]})


def test_the_worked_solution_is_shown_before_the_reference():
    sample = Sample(
        task="t", split="pool", input="2 + 2?", reference="4", metadata={"solution": "2 + 2 = 4"}
    )
    completion = Completion(
        sample=sample.id, model="m", messages=[], completion="5", stop_reason="stop"
    )
    error = Error(
        sample=sample.id, task="t", error="wrong", answer="5", reference="4",
        completion=completion.id,
    )  # fmt: skip
    engine = Scripted(json.dumps(ANALYSIS))
    material = Material([sample], [completion])
    analyze(seeds_of([error]), [error], [], material, engine, TUTOR, 1)
    shown = engine.requests[0].messages[0]["content"]
    assert "<reference_answer>\n2 + 2 = 4\n4\n</reference_answer>" in shown


@pytest.mark.parametrize(
    ("texts", "stop_reason", "calls", "reason"),
    [
        (["nonsense", "again nonsense"], "stop", 2, "holds no JSON object"),
        (["", ""], "stop", 2, "holds no JSON object"),
        (['{"skill": "x', '{"skill"'], "length", 2, "was cut off at max_tokens"),
        (["I will not"], "refusal", 1, "the instructor declined: I will not"),
        ([""], "content_filter", 1, "content filter"),
    ],
)
def test_what_cannot_be_used_is_recorded_with_its_reason(texts, stop_reason, calls, reason):
    engine = Scripted(*texts, stop_reason=stop_reason)
    first = request("analyse this", AnalysisShape, TUTOR, 1)
    asked = ask(engine, [first], AnalysisShape)[first.key]
    assert asked.value is None
    assert reason in asked.reason
    assert len(engine.requests) == calls


def test_the_schema_that_is_asked_for_invites_no_other_keys():
    schema = CodeSamples.model_json_schema()
    assert schema["additionalProperties"] is False
    shape = schema["$defs"]["CodeShape"]
    assert set(shape["required"]) == {"question", "answer", "solution", "tests"}
    assert shape["additionalProperties"] is False
