"""The instructor's work with the demo tutor and with engines that misbehave."""

import json

import pytest

from lai.core.errors import PipelineError
from lai.core.params.schema import InstructorParams, SynthesizeParams, TaskParams
from lai.core.records import Analysis, Completion, ContrastSet, Error, Neighbor, Sample
from lai.demo import world
from lai.engines.base import Reply
from lai.engines.builtin import BuiltinEngine
from lai.instruction.allocation import Skill, allocate, skills_of
from lai.instruction.analyze import AnalysisShape, analyze
from lai.instruction.ask import ask, request
from lai.instruction.material import Material
from lai.instruction.shapes import CodeSamples
from lai.instruction.synthesize import synthesize
from lai.verification import Verifier, train_rows

TUTOR = InstructorParams()
ANALYSIS = {"skill": "sums", "misconception": "carries", "explanation": "2 + 2 = 4"}


class Scripted:
    """An engine whose replies are a list of texts, in the order of the requests."""

    commit_every = 1

    def __init__(self, *texts, stop_reason="stop"):
        self.texts = list(texts)
        self.stop_reason = stop_reason
        self.requests = []

    def generate(self, requests):
        for asked in requests:
            self.requests.append(asked)
            yield Reply(request_key=asked.key, text=self.texts.pop(0), stop_reason=self.stop_reason)


def demo_errors(family, count):
    scorer = {"math": "number", "coding": "code", "facts": "choice"}[family]
    task = TaskParams.model_validate(
        {
            "family": family,
            "role": "id",
            "scorer": scorer,
            "prompt": "plain",
            "pool": {"builtin": family},
            "test": {"builtin": family},
        }
    )
    samples, completions, errors = [], [], []
    for item in world.draw(family, "pool", False, count, 7):
        sample = Sample(
            task=family,
            split="pool",
            input=item.question,
            choices=item.choices,
            reference=item.reference,
        )
        completion = Completion(
            parents=[sample.id],
            sample=sample.id,
            model="m",
            messages=[],
            completion="no idea",
            stop_reason="stop",
        )
        error = Error(
            parents=[completion.id],
            sample=sample.id,
            task=family,
            error="no_answer",
            answer=None,
            reference=item.reference,
            completion=completion.id,
        )
        samples.append(sample)
        completions.append(completion)
        errors.append(error)
    return {family: task}, samples, completions, errors


@pytest.mark.parametrize("family", ["math", "coding", "facts"])
def test_the_tutor_teaches_every_family_through_the_prompts_alone(family):
    tasks, samples, completions, errors = demo_errors(family, 40)
    material = Material(samples, completions)
    analyses, failures = analyze(errors, [], material, BuiltinEngine(), TUTOR, "le", 1)
    assert not failures
    assert {a.parents[0] for a in analyses} == {e.id for e in errors}
    held_out = [
        Sample(task=family, split="test", input=i.question, choices=i.choices, reference="A")
        for i in world.draw(family, "test", False, 500)
    ]
    params = SynthesizeParams(budget=60, samples_per_request=4, max_samples_per_skill=6)
    verifier = Verifier(tasks, held_out, samples, [])
    result = synthesize(
        analyses, errors, material, tasks, BuiltinEngine(), TUTOR, params, verifier, 1
    )
    assert len(result.accepted) == 60
    assert not result.shortfall
    rows = train_rows(result.verdicts, tasks, "iter1")
    assert len({row.prompt[0]["content"] for row in rows}) == 60
    analysed = {analysis.id for analysis in analyses}
    assert all(verdict.sample.parents[0] in analysed for verdict in result.accepted)


def test_lec_shows_solved_questions_and_responses_and_the_tutor_uses_them():
    _, samples, completions, errors = demo_errors("facts", 12)
    contrast = ContrastSet(
        parents=[errors[0].id],
        error=errors[0].id,
        neighbors=[Neighbor(sample=samples[5].id, completion=completions[5].id, similarity=0.9)],
    )
    seen = []

    class Watched(BuiltinEngine):
        def generate(self, requests):
            seen.extend(request.messages[0]["content"] for request in requests)
            return super().generate(requests)

    material = Material(samples, completions)
    analyses, _ = analyze(errors[:1], [contrast], material, Watched(), TUTOR, "lec", 1)
    assert samples[5].input in seen[0]
    assert "<correct_student_response>\nno idea" in seen[0]
    assert "although it is right about" in analyses[0].misconception
    assert analyses[0].parents == [errors[0].id, contrast.id]


def test_a_foreign_question_is_declined_and_the_way_out_is_named():
    sample = Sample(task="gsm8k", split="pool", input="Tom has 3 pens.", reference="3")
    completion = Completion(
        sample=sample.id, model="m", messages=[], completion="4", stop_reason="stop"
    )
    error = Error(
        sample=sample.id,
        task="gsm8k",
        error="wrong",
        answer="4",
        reference="3",
        completion=completion.id,
    )
    material = Material([sample], [completion])
    with pytest.raises(PipelineError, match="knows the demo tasks alone; name a real instructor"):
        analyze([error], [], material, BuiltinEngine(), TUTOR, "le", 1)


def test_an_unusable_reply_is_asked_about_once_with_the_complaint():
    engine = Scripted('{"skill": "sums"}', "Sure:\n```json\n" + json.dumps(ANALYSIS) + "\n```")
    first = request("analyse this", AnalysisShape, TUTOR, 1)
    asked = ask(engine, [first], AnalysisShape)[first.key]
    assert asked.value == AnalysisShape(**ANALYSIS)
    assert len(engine.requests) == 2
    complaint = engine.requests[1].messages[-1]["content"]
    assert "misconception: Field required" in complaint
    assert engine.requests[1].messages[1]["content"] == '{"skill": "sums"}'


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


def analysis(skill, number):
    return Analysis(
        error=f"error_{number}",
        task="t",
        skill=skill,
        misconception="m",
        explanation="e",
        request_key=str(number),
    )


def test_the_budget_goes_to_the_skills_with_most_errors_first():
    analyses = [analysis("b", 1), analysis("A", 2), analysis("a ", 3), analysis("c", 4)]
    skills = skills_of("t", analyses, seed=1)
    assert [len(skill.analyses) for skill in skills] == [2, 1, 1]
    given = allocate(skills, 12, 5)
    assert [count for _, count in given] == [5, 5, 2]
    assert given[0][0].name == "a"
    assert sum(count for _, count in allocate(skills, 40, 5)) == 40
    assert [count for _, count in allocate(skills, 9, None)] == [3, 3, 3]


def test_a_skill_that_yielded_nothing_gets_no_more():
    barren, willing = Skill("a", [], gave_nothing=True), Skill("b", [])
    assert allocate([barren, willing], 5, 3) == [(willing, 5)]
    assert allocate([barren], 5, 3) == []
