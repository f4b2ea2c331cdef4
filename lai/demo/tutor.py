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
from typing import Any

from lai.demo import world
from lai.demo.diagnosis import diagnose


def reply(prompt: str, seed: int) -> str | None:
    """Answer an analysis or a synthesis prompt; None when it is not about the demo world."""
    problem = _problem(_tagged(prompt, "question"))
    if problem is None:
        return None
    response = _tagged(prompt, "student_response")
    if response is not None:
        return json.dumps(_analysis(problem, response, _solved(prompt)))
    if '- "explanation": the correct reasoning' in prompt:
        return json.dumps({"skill": problem.skill.name, "explanation": _explanation(problem)})
    if 'key "solution"' in prompt:
        return json.dumps({"solution": world.solve(problem).solution})
    count = re.search(r"Write (\d+) new", prompt)
    if count is None or _tagged(prompt, "skill") is None:
        return None
    randomness = random.Random(hashlib.sha256(f"{seed} {prompt}".encode()).digest())
    return json.dumps({"samples": _samples(problem, randomness, int(count[1]))})


def _tagged(prompt: str, tag: str) -> str | None:
    found = re.search(rf"<{tag}>\n(.*?)\n</{tag}>", prompt, re.DOTALL)
    return found[1] if found else None


def _solved(prompt: str) -> list[world.Problem]:
    texts = re.findall(r"<solved_question>\n(.*?)\n</solved_question>", prompt, re.DOTALL)
    return [problem for text in texts if (problem := _problem(text))]


def _problem(text: str | None) -> world.Problem | None:
    return world.recognise(text) if text else None


def _analysis(problem: world.Problem, response: str, solved: list[world.Problem]) -> dict[str, str]:
    skill = problem.skill
    found = diagnose(problem, response)
    if found.right and found.slip:
        misconception = f"it knows that {_lower(skill.lesson)} but fails at the step: {found.slip}"
    elif found.recalled:
        recalled = found.recalled.replace("@", problem.slots.get("parameter", "@"))
        misconception = f"it believes that the value of {skill.name} is {recalled}"
    else:
        misconception = f"it does not recall the value of {skill.name}"
    known = sorted({other.skill.name for other in solved} - {skill.name})
    if known:
        misconception += f", although it is right about {', '.join(known)}"
    return {
        "skill": skill.name,
        "misconception": misconception,
        "explanation": _explanation(problem),
    }


def _explanation(problem: world.Problem) -> str:
    return f"{problem.skill.lesson} {world.solve(problem).solution}"


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].rstrip(".")


def _samples(problem: world.Problem, randomness: random.Random, count: int) -> list[dict[str, Any]]:
    return [_sample(item) for item in world.vary(problem, randomness, count)]


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
