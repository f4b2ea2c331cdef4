"""Exercises that the target answers already, asked of a real one."""

import subprocess
import sys

from lai.core.params.checks import ChecksParams
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.core.params.tasks import Task
from lai.core.records import SyntheticSample
from lai.demo import world
from lai.engines import target
from lai.verification import Verifier
from lai.verification.too_easy import Student
from tests.support.closure import ROOT

TASKS = {"facts": Task(family="facts", role="id", scorer="choice", prompt="plain")}
MICRO = TargetParams(model="models/base/micro", max_tokens=48)


def test_what_the_target_answers_rightly_is_turned_down_and_nothing_else_is_asked(
    tmp_path, monkeypatch
):
    samples = [
        SyntheticSample(
            task="facts",
            input=item.question,
            choices=item.choices,
            reference=item.reference,
            solution=item.solution,
            request_key="k",
        )
        for item in world.draw("facts", "pool", False, 60, 5)
    ]
    target.write(tmp_path / "models/iter0", target.describe_base(MICRO.model, None))
    (tmp_path / "models/base").symlink_to(ROOT / "models/base")
    (tmp_path / "prompts").symlink_to(ROOT / "prompts")
    monkeypatch.chdir(tmp_path)
    student = Student("iter0", MICRO, RuntimeParams(device="cpu"), TASKS, tmp_path / "kept.sqlite")
    verifier = Verifier(TASKS, [], [], [], checks=ChecksParams(too_easy=True), student=student)
    verdicts = verifier(samples)
    easy = [one for one in verdicts if not one.accepted]
    assert 10 < len(easy) < 50, "the base model knows a part of the world"
    assert {one.checks[-1].name for one in verdicts} == {"not_too_easy"}
    assert student.served is None, "what a model in this process is asked is no call"
    assert easy[0].checks[-1].detail == "the target answers it rightly already"


def test_the_target_is_not_opened_for_nothing():
    asked = "import stages.synthesize, sys; print('torch' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
