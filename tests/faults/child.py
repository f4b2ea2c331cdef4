"""What a run does in these tests: the work of a stage, in a process of its own."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lai.asking import ask, request
from lai.core.errors import exits_cleanly
from lai.core.params.runtime import BudgetParams, EndpointParams
from lai.core.params.schema import InstructorParams, SynthesizeParams
from lai.core.records import Analysis, SyntheticSample, Verdict
from lai.engines.base import Request
from lai.engines.openai.engine import OpenAIEngine
from lai.engines.store.cache import Cached
from lai.engines.store.ledger import ledger_beside
from lai.instruction.analyze import AnalysisShape
from lai.instruction.material import Material
from lai.instruction.synthesize import synthesize
from tests.support.instructing import claimed, demo_errors, seeds_of
from tests.support.openai_server import KEY

QUESTIONS = 8
INSTRUCTOR = InstructorParams(engine="openai", model="m")
Outcome = tuple[list[Any], list[str], Cached]


@dataclass(frozen=True)
class Order:
    """What a child is to do: `work`, after `before` has changed something in its process."""

    folder: str
    store: str
    url: str
    params: dict[str, Any]
    budget: dict[str, Any]
    longest_wait: float
    work: Callable[[Order], Outcome]
    before: Callable[[], None] | None


def main(order: Order) -> None:
    """Do it as a stage does: a summary on stdout, an error as one line, the outcome in a file."""
    for stream, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(Path(order.folder) / name, os.O_WRONLY | os.O_CREAT, 0o644), stream)
    os.environ["OPENAI_API_KEY"] = KEY
    os.environ["DVC_ROOT"] = order.folder
    _work(order)


@exits_cleanly
def _work(order: Order) -> None:
    if order.before:
        order.before()
    values, reasons, engine = order.work(order)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    said = {"values": values, "reasons": reasons, "memory": memory}
    (Path(order.folder) / "said").write_text(json.dumps(said))
    print(f"{len(values)} usable, {len(reasons)} failed, {engine.summary()}", flush=True)


def _engine(order: Order) -> Cached:
    endpoint = EndpointParams.model_validate({"base_url": order.url, **order.params})
    ledger = ledger_beside(Path(order.store), BudgetParams.model_validate(order.budget))
    wait = order.longest_wait
    engine = OpenAIEngine(endpoint, ledger=ledger, backoff=0.01, longest_wait=wait)
    return Cached(engine, order.store)


def questions() -> list[Request]:
    """What is asked, all of one length."""
    return [request(f"error {n}", AnalysisShape, INSTRUCTOR, 1) for n in range(QUESTIONS)]


def analyze(order: Order) -> Outcome:
    """Ask about each of the errors, as `analyze` does."""
    engine = _engine(order)
    requests = questions()
    found = ask(engine, requests, AnalysisShape)
    asked = [found[request.key] for request in requests]
    values = [one.value.model_dump() for one in asked if one.value is not None]
    return values, [one.reason for one in asked if one.value is None], engine


def write_exercises(order: Order) -> Outcome:
    """Have eight exercises written, two a request, as `synthesize` does."""
    engine = _engine(order)
    tasks, samples, completions, errors = demo_errors("math", 4)
    seeds = seeds_of(errors)
    analyses = [
        Analysis(
            parents=[one.id],
            seed=one.id,
            strategy="le",
            task="math",
            request_key="0",
            skill=f"skill {number}",
            misconception="m",
            explanation="e",
        )
        for number, one in enumerate(seeds)
    ]
    weaknesses, claims = claimed(analyses, seeds)
    made = synthesize(
        analyses,
        seeds,
        weaknesses,
        claims,
        {("math", "le"): QUESTIONS},
        Material(samples, completions),
        tasks,
        engine,
        INSTRUCTOR,
        SynthesizeParams(samples_per_request=2),
        1,
        _accepted,
    )
    values = [verdict.sample.model_dump(mode="json") for verdict in made.accepted]
    return values, [failure.reason for failure in made.failures], engine


def _accepted(samples: list[SyntheticSample]) -> list[Verdict]:
    return [Verdict(parents=[one.id], sample=one, accepted=True, checks=[]) for one in samples]
