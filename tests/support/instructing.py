"""What tests of the instructor's work share: a scripted engine, errors of the demo world."""

from lai.core.params.tasks import TaskParams
from lai.core.records import Completion, Error, Sample, Seed
from lai.demo import world
from lai.engines.base import Reply
from lai.instruction import weaknesses


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
            # As in params.yaml: all questions of a skill are alike.
            "overlap": {"share": None, "cosine": None},
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


def seeds_of(errors, strategy="le"):
    return [
        Seed(parents=[error.id], strategy=strategy, task=error.task, sample=error.sample,
             error=error.id, completion=error.completion)
        for error in errors
    ]  # fmt: skip


def claimed(analyses, seeds):
    """The weaknesses behind analyses, equal names alone being one, and their claims."""
    found = weaknesses.find(analyses, seeds, 0)
    return found, weaknesses.weigh(found, "proportional", analyses, (seeds, []), ([], []))
