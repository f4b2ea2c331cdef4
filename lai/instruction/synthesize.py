"""From each analysis new samples with worked solutions, until the accepted ones fill the budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lai.asking import ask, forget, request
from lai.core.errors import PipelineError
from lai.core.params.schema import InstructorParams, SynthesizeParams
from lai.core.params.tasks import Task
from lai.core.prompts import render
from lai.core.records import Analysis, Failure, Seed, SyntheticSample, Verdict, Weakness
from lai.core.strategies import STRATEGIES
from lai.engines.base import Engine, Request
from lai.instruction.account import check_yield
from lai.instruction.allocation import Lot, Skill, allocate, skills_of
from lai.instruction.analyze import hint
from lai.instruction.material import Material
from lai.instruction.outcome import Synthesis
from lai.instruction.shapes import shape_of, synthetic

Verify = Callable[[Sequence[SyntheticSample]], list[Verdict]]


@dataclass(frozen=True)
class _Order:
    """`count` samples asked for one analysis of one skill."""

    skill: Skill
    analysis: Analysis
    count: int
    request: Request


def synthesize(
    analyses: Sequence[Analysis],
    seeds: Sequence[Seed],
    weaknesses: Sequence[Weakness],
    claims: Mapping[str, float],
    parts: Mapping[Lot, int],
    material: Material,
    tasks: dict[str, Task],
    engine: Engine,
    instructor: InstructorParams,
    params: SynthesizeParams,
    seed: int,
    verify: Verify,
) -> Synthesis:
    """Ask, verify and top up for at most `params.max_rounds` rounds.

    `claims`: what share each weakness has, by its id.
    `parts`: how many samples each task and strategy is to yield; strategies that teach no exercises
    are left out, see `lai.instruction.direct`.

    Each round asks for what is missing, all tasks together, and ends before the next is planned:
    so the result depends on the replies alone and not on the order in which they came.
    """
    sample_of = {one.id: one.sample for one in seeds}
    analysis_of = {one.id: one for one in analyses}
    missing = {lot: n for lot, n in parts.items() if STRATEGIES[lot[1]].teaches == "exercises"}
    skills = {lot: skills_of(lot, weaknesses, analysis_of, claims, seed) for lot in missing}
    result = Synthesis()
    for _ in range(params.max_rounds):
        orders = [
            order
            for lot, group in skills.items()
            for skill, count in allocate(group, missing[lot], params.max_samples_per_skill)
            for order in _orders(
                skill, count, tasks[lot[0]], material, sample_of, instructor, params, seed
            )
        ]
        if not orders:
            break
        before = {id(order.skill): order.skill.accepted for order in orders}
        for order, accepted in _round(orders, tasks, engine, verify, result):
            order.skill.accepted += accepted
            missing[order.analysis.task, order.analysis.strategy] -= accepted
        check_yield(result.exercises, params.min_yield)
        for order in orders:
            order.skill.gave_nothing = order.skill.accepted == before[id(order.skill)]
    if result.failures and not result.exercises:
        forget(engine, result.asked)
        raise PipelineError(
            f"no usable exercise in {len(result.failures)} replies: "
            f"{hint(result.failures, instructor)}"
        )
    for (task, _), count in missing.items():
        if count:
            result.shortfall[task] = result.shortfall.get(task, 0) + count
    return result


def _orders(
    skill: Skill,
    count: int,
    task: Task,
    material: Material,
    sample_of: dict[str, str],
    instructor: InstructorParams,
    params: SynthesizeParams,
    seed: int,
) -> list[_Order]:
    """The requests for `count` samples of a skill, its analyses taking turns."""
    orders = []
    while count > 0:
        part = min(count, params.samples_per_request)
        analysis = skill.analyses[skill.asked % len(skill.analyses)]
        sample = sample_of[analysis.seed]
        text = render(
            "synthesize/exercises.jinja",
            count=part,
            skill=analysis.skill,
            misconception=analysis.misconception,
            explanation=analysis.explanation,
            question=material.question(sample),
            reference=material.reference(sample),
            answer_kind=task.scorer,
            variation=skill.asked,
        )
        asked = request(text, shape_of(task.scorer), instructor, seed, draw=skill.asked)
        orders.append(_Order(skill, analysis, part, asked))
        skill.asked += 1
        count -= part
    return orders


def _round(
    orders: Sequence[_Order],
    tasks: dict[str, Task],
    engine: Engine,
    verify: Verify,
    result: Synthesis,
) -> list[tuple[_Order, int]]:
    """Send the orders, verify what came, and return how many samples each order yielded."""
    candidates: dict[str, _Order] = {}
    samples: list[SyntheticSample] = []
    for scorer in sorted({tasks[order.analysis.task].scorer for order in orders}):
        mine = [order for order in orders if tasks[order.analysis.task].scorer == scorer]
        asked = ask(engine, [order.request for order in mine], shape_of(scorer))
        result.asked.update(asked)
        for order in mine:
            exchange = asked[order.request.key]
            key = exchange.request.key
            left_out = exchange.value.left_out if exchange.value else 0
            if exchange.value is None or left_out:
                why = f"{left_out} samples of another shape than asked for" if left_out else ""
                result.failures.append(
                    Failure(
                        parents=[order.analysis.id],
                        task=order.analysis.task,
                        step="synthesize",
                        reason=why or exchange.reason,
                        reply=exchange.reply.text,
                        request_key=key,
                    )
                )
            for written in exchange.value.samples[: order.count] if exchange.value else ():
                sample = synthetic(written, order.analysis, scorer, key)
                if sample.id not in candidates:
                    candidates[sample.id] = order
                    samples.append(sample)
    samples.sort(key=lambda sample: sample.id)
    verdicts = verify(samples)
    result.exercises += verdicts
    yielded = dict.fromkeys(map(id, orders), 0)
    for sample, verdict in zip(samples, verdicts, strict=True):
        yielded[id(candidates[sample.id])] += verdict.accepted
    return [(order, yielded[id(order)]) for order in orders]
