"""A rule-based stand-in for an instructor LLM, for the demo world alone.

It sees what an LLM would see, the rendered prompt, and answers in the JSON that an LLM is asked
for. It knows the demo world as an LLM knows ours; of the student it knows only what the prompt
shows. What it does not recognise it declines. It is no language model and never stands for one in
a result: it tests the machinery.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lai.demo import world
from lai.demo.diagnosis import diagnose
from lai.demo.forms import Form
from lai.demo.skills import Skill, named, skills

WORDED = ", worded as "
"""Between the name of a skill and the wording in which alone the student fails at it."""
READS = "it reads these wordings: "
"""Before the wordings of solved questions, in which exercises are new to it in one thing alone."""


def reply(prompt: str, seed: int, errs: int = 0) -> str | None:
    """Answer an analysis or a synthesis prompt; None when it is not about the demo world.

    `errs`: of a hundred analyses, how many blame another skill than the one that the question
    needs: a pairing with the same second word, and never one that the student is shown to have.
    """
    problem = _problem(_tagged(prompt, "question"))
    if problem is None:
        return None
    randomness = random.Random(hashlib.sha256(f"{seed} {prompt}".encode()).digest())
    response = _tagged(prompt, "student_response")
    solved = _solved(prompt)
    blamed = problem
    if 100 * randomness.random() < errs:
        blamed = replace(problem, skill=randomness.choice(_alike(problem.skill, solved)))
    if response is not None:
        return json.dumps(_analysis(blamed, response, solved))
    if '- "explanation": the correct reasoning' in prompt:
        return json.dumps({"skill": blamed.skill.name, "explanation": _explanation(blamed)})
    if 'key "solution"' in prompt:
        return json.dumps({"solution": world.solve(problem).solution})
    count = re.search(r"Write (\d+) new", prompt)
    wanted = _tagged(prompt, "skill")
    if count is None or wanted is None:
        return None
    name, worded, _ = wanted.partition(WORDED)
    aim = replace(problem, skill=named(problem.skill.family, name) or problem.skill)
    wordings = [problem.form] if worded else _read_well(aim, _tagged(prompt, "misconception"))
    items = world.vary(aim, randomness, int(count[1]), wordings)
    return json.dumps({"samples": [_sample(item) for item in items]})


def _tagged(prompt: str, tag: str) -> str | None:
    found = re.search(rf"<{tag}>\n(.*?)\n</{tag}>", prompt, re.DOTALL)
    return found[1] if found else None


def _solved(prompt: str) -> list[world.Problem]:
    texts = re.findall(r"<solved_question>\n(.*?)\n</solved_question>", prompt, re.DOTALL)
    return [problem for text in texts if (problem := _problem(text))]


def _problem(text: str | None) -> world.Problem | None:
    return world.recognise(text) if text else None


def _alike(skill: Skill, solved: Sequence[world.Problem]) -> list[Skill]:
    known = {problem.skill for problem in solved}
    return [
        one
        for one in skills(skill.family)
        if one.right == skill.right and one != skill and one not in known
    ]


def _analysis(
    problem: world.Problem, response: str, solved: Sequence[world.Problem]
) -> dict[str, str]:
    """What the failed question needs and the solved ones do not: its pairing, or its wording."""
    skill = problem.skill
    found = diagnose(problem, response)
    known = sorted({other.skill.name for other in solved} - {skill.name})
    elsewhere = any(other.skill == skill for other in solved)
    name = skill.name
    if found.right and found.slip:
        misconception = f"it knows that {_lower(skill.lesson)} but fails at the step: {found.slip}"
    elif found.recalled:
        recalled = found.recalled.replace("@", problem.slots.get("parameter", "@"))
        misconception = f"it believes that the value of {skill.name} is {recalled}"
    else:
        misconception = f"it does not recall the value of {skill.name}"
    if elsewhere or (found.right and found.slip):
        name = f"{skill.name}{WORDED}{_wording(problem.form)}"
    if elsewhere:
        misconception += "; other questions about it are solved, and what they lack is this wording"
    elif known:
        misconception += f"; it is right about {', '.join(known)}, and what those lack is this pair"
        reads = sorted({_wording(other.form) for other in solved})
        misconception += f"\n{READS}{' | '.join(reads)}"
    return {"skill": name, "misconception": misconception, "explanation": _explanation(problem)}


def _wording(form: Form) -> str:
    return re.sub(r"\{[a-z]+\}", "...", form.text)


def _explanation(problem: world.Problem) -> str:
    return f"{problem.skill.lesson} {world.solve(problem).solution}"


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].rstrip(".")


def _read_well(problem: world.Problem, misconception: str | None) -> list[Form]:
    """The wordings that the analysis names as read well; none where it names none."""
    named_ones = (misconception or "").partition(READS)[2].split(" | ")
    forms = world.forms(problem.skill.family, False)
    return [form for form in forms if _wording(form) in named_ones]


def _sample(item: world.Item) -> dict[str, Any]:
    sample: dict[str, Any] = {
        "question": item.question,
        "answer": item.reference,
        "solution": item.solution,
    }
    if item.choices:
        sample["choices"] = item.choices
    if item.tests:
        sample["tests"] = asserts(item)
    return sample


def asserts(item: world.Item) -> list[str]:
    """The tests of a coding item as assert statements that call its function."""
    name = item.solution.split("(", 1)[0].removeprefix("def ")
    return [
        f"assert {name}({', '.join(map(repr, arguments))}) == {expected!r}"
        for arguments, expected in item.tests
    ]
