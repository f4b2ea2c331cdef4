"""The demo world: three families of some hundred small skills each, with ID and OOD questions.

Everything here is a pure function of its arguments. Questions of the pool, of dev and of test are
kept apart by a hash of their normalised text (`split_of`), so that no draw of any seed, and no
variation that a tutor writes, can be a dev or test question.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal

from lai.demo import lexicon
from lai.demo.forms import FORMS, Form
from lai.demo.lexicon import FAMILIES
from lai.demo.skills import Skill, find_skill, skills, values_of

__all__ = [
    "FAMILIES", "Item", "Problem", "Skill", "draw", "normalise", "pose", "question_of", "recognise",
    "rendered", "skills", "solve", "split_of", "vary",
]  # fmt: skip

Split = Literal["pool", "dev", "test"]
LETTERS = "ABCDEFGH"
TESTS_PER_ITEM = 4


@dataclass(frozen=True)
class Problem:
    """A question taken apart: its skill, its form, and what fills the form's other slots."""

    skill: Skill
    form: Form
    slots: dict[str, str]
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """A question with its reference answer, a worked solution, and tests if it asks for code."""

    family: str
    skill: str
    form: str
    question: str
    choices: list[str]
    reference: str
    solution: str
    tests: list[list[Any]] = field(default_factory=list)


@cache
def forms(family: str, ood: bool) -> tuple[Form, ...]:
    """The wordings of a family's ID or OOD questions."""
    return tuple(form for form in FORMS if form.family == family and form.ood == ood)


def normalise(text: str) -> str:
    """Lower case, with every run of anything but letters and digits made one space."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def split_of(question: str) -> Split:
    """The one split in which a question of this text may stand; `pool` includes all training."""
    bucket = int(hashlib.sha256(normalise(question).encode()).hexdigest(), 16) % 10
    return "dev" if bucket in (6, 7) else "test" if bucket in (8, 9) else "pool"


def question_of(problem: Problem) -> str:
    """The text of the question, without its choices."""
    skill = problem.skill
    return problem.form.text.format(left=skill.left, right=skill.right, **problem.slots)


def rendered(question: str, choices: list[str] | tuple[str, ...]) -> str:
    """The user message: the question, then its choices, one lettered line each."""
    return "\n".join([question, *(f"{a}) {b}" for a, b in zip(LETTERS, choices, strict=False))])


def pose(skill: Skill, form: Form, rng: random.Random, split: Split = "pool") -> Problem:
    """Draws a question of this skill and form whose text belongs to `split`."""
    while True:
        problem = Problem(skill, form, _slots(skill, form, rng))
        if split_of(question_of(problem)) == split:
            break
    if skill.family != "facts":
        return problem
    # Always all options, in one order a form: to find a letter among shuffled options is an ability
    # that a model of this size takes far longer to learn than all the facts (docs/LOG.md).
    choices = sorted(values_of("facts", skill.right), reverse=form.ood)
    return replace(problem, choices=tuple(choices))


def _slots(skill: Skill, form: Form, rng: random.Random) -> dict[str, str]:
    name, other = rng.sample(lexicon.NAMES, 2)
    slots = {"name": name, "other": other}
    if skill.family == "math":
        n = rng.randint(2, 9)
        most = {"sum": 9 - n, "minus": min(9, n * int(skill.value) - 1)}.get(form.plan, 9)
        if most < 1:
            n, most = 8, 1
        slots |= {"n": str(n), "m": str(rng.randint(1, most)), "age": str(rng.randint(2, 9))}
    elif skill.family == "coding":
        slots["function"] = rng.choice(lexicon.FUNCTIONS)
        slots["parameter"] = rng.choice(lexicon.PARAMETERS[lexicon.KINDS[skill.right]])
    else:
        slots["lure"] = rng.choice([word for word in lexicon.ENTITIES if word != skill.left])
    return {slot: value for slot, value in slots.items() if slot in form.slots}


def recognise(question: str, choices: list[str] | None = None) -> Problem | None:
    """Reads a question of this world back; None for any other text.

    Choices may also stand below the question, one a line, as `A) Lune`.
    """
    text, *lines = re.split(r"\n(?=[A-H]\) )", question.strip())
    given = tuple(choices or (line[3:].strip() for line in lines))
    for form in FORMS:
        found = form.pattern.fullmatch(text.strip())
        if not found:
            continue
        slots = found.groupdict()
        skill = find_skill(form.family, slots.pop("left"), slots.pop("right"))
        if skill is None or (skill.family == "facts") != bool(given):
            continue
        if skill.family == "facts" and skill.value not in given:
            continue
        return Problem(skill, form, slots, given)
    return None


def steps(problem: Problem) -> list[tuple[int, str, int]]:
    """The arithmetic of a math problem: (left operand, operator, right operand), in order."""
    constant, n = int(problem.skill.value), int(problem.slots["n"])
    m = int(problem.slots.get("m", 0))
    plans = {
        "times": [(n, "*", constant)],
        "plus": [(n, "*", constant), (n * constant, "+", m)],
        "minus": [(n, "*", constant), (n * constant, "-", m)],
        "sum": [(n, "+", m), (n + m, "*", constant)],
    }
    return plans[problem.form.plan]


def compute(left: int, operator: str, right: int) -> int:
    """One step of arithmetic."""
    return {"+": left + right, "-": left - right, "*": left * right}[operator]


def solve(problem: Problem) -> Item:
    """The problem with its reference answer and a worked solution."""
    skill = problem.skill
    question = question_of(problem)
    tests: list[list[Any]] = []
    if skill.family == "math":
        worked = steps(problem)
        reference = str(compute(*worked[-1]))
        lines = [f"{a} {sign} {b} = {compute(a, sign, b)}." for a, sign, b in worked]
        solution = " ".join([skill.lesson, *lines, f"The answer is {reference}."])
    elif skill.family == "facts":
        reference = LETTERS[problem.choices.index(skill.value)]
        solution = f"{skill.lesson[:-1]} ({reference}). The answer is {reference}."
    else:
        function, parameter = problem.slots["function"], problem.slots["parameter"]
        reference = solution = (
            f"def {function}({parameter}):\n    # {skill.name}\n"
            f"    return {skill.value.replace('@', parameter)}"
        )
        tests = _tests(skill, question)
    return Item(
        skill.family, skill.name, problem.form.name, question, list(problem.choices), reference,
        solution, tests,
    )  # fmt: skip


def inputs(kind: str, rng: random.Random) -> list[Any]:
    """Arguments on which all idioms of this kind differ from each other."""
    if kind == "list":
        return [rng.sample(range(-20, 60), rng.randint(4, 6)) for _ in range(TESTS_PER_ITEM)]
    if kind == "number":
        return rng.sample(range(6, 30), TESTS_PER_ITEM)
    return [
        f"{rng.choice(lexicon.FUNCTIONS)} {rng.choice(lexicon.NAMES)}"
        for _ in range(TESTS_PER_ITEM)
    ]


def _tests(skill: Skill, question: str) -> list[list[Any]]:
    """[[arguments, expected], ...]: drawn from the question, so they belong to it."""
    kind = lexicon.KINDS[skill.right]
    run = lexicon.IDIOMS[kind][skill.value]
    return [[[value], run(value)] for value in inputs(kind, random.Random(question))]


def vary(problem: Problem, rng: random.Random, n: int, wordings: Sequence[Form] = ()) -> list[Item]:
    """`n` new questions of the same skill, of different texts, none of them reserved.

    In `wordings`, or in all ID forms of the family.
    """
    taken = {normalise(question_of(problem))}
    items: list[Item] = []
    while len(items) < n:
        form = rng.choice(wordings or forms(problem.skill.family, False))
        new = pose(problem.skill, form, rng)
        key = normalise(question_of(new))
        if key not in taken:
            taken.add(key)
            items.append(solve(new))
    return items


def draw(family: str, split: Split, ood: bool, n: int, seed: int = 0) -> list[Item]:
    """`n` different questions, spread evenly over the skills; only the pool depends on the seed."""
    rng = random.Random(f"lai {family} {split} {ood} {seed if split == 'pool' else 'fixed'}")
    items: list[Item] = []
    taken: set[str] = set()
    while len(items) < n:
        for skill in rng.sample(skills(family), min(len(skills(family)), n - len(items))):
            problem = pose(skill, rng.choice(forms(family, ood)), rng, split)
            while (key := normalise(question_of(problem))) in taken:
                problem = pose(skill, rng.choice(forms(family, ood)), rng, split)
            taken.add(key)
            items.append(solve(problem))
    return items
