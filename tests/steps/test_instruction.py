"""The instructor's work with the demo tutor and with engines that misbehave."""

import pytest

from lai.core.errors import PipelineError
from lai.core.params.schema import InstructorParams, SynthesizeParams
from lai.core.records import Completion, ContrastSet, Error, Neighbor, Sample
from lai.demo import world
from lai.engines.builtin import BuiltinEngine
from lai.instruction.analyze import analyze
from lai.instruction.material import Material
from lai.instruction.synthesize import synthesize
from lai.verification import Verifier, train_rows
from tests.support.instructing import claimed, demo_errors, seeds_of

TUTOR = InstructorParams()
ANALYSIS = {"skill": "sums", "misconception": "carries", "explanation": "2 + 2 = 4"}


@pytest.mark.parametrize("family", ["math", "coding", "facts"])
def test_the_tutor_teaches_every_family_through_the_prompts_alone(family):
    tasks, samples, completions, errors = demo_errors(family, 40)
    material = Material(samples, completions)
    seeds = seeds_of(errors)
    analyses, failures = analyze(seeds, errors, [], material, BuiltinEngine(), TUTOR, 1)
    assert not failures
    assert {a.parents[0] for a in analyses} == {one.id for one in seeds}
    held_out = [
        Sample(task=family, split="test", input=i.question, choices=i.choices, reference="A")
        for i in world.draw(family, "test", False, 500)
    ]
    params = SynthesizeParams(budget=60, samples_per_request=4, max_samples_per_skill=6)
    verifier = Verifier(tasks, held_out, samples, [])
    result = synthesize(
        analyses,
        seeds,
        *claimed(analyses, seeds),
        {(family, "le"): 60},
        material,
        tasks,
        BuiltinEngine(),
        TUTOR,
        params,
        1,
        verifier,
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
    seeds = seeds_of(errors[:1], "lec")
    analyses, _ = analyze(seeds, errors, [contrast], material, Watched(), TUTOR, 1)
    assert samples[5].input in seen[0]
    assert "<correct_student_response>\nno idea" in seen[0]
    assert "; it is right about" in analyses[0].misconception
    assert analyses[0].parents == [seeds[0].id, contrast.id]


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
        analyze(seeds_of([error]), [error], [], material, BuiltinEngine(), TUTOR, 1)
