"""What a response to a question of the demo world got wrong: the recall, or a step after it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lai.demo.skills import values_of
from lai.demo.world import Problem, solve


@dataclass(frozen=True)
class Diagnosis:
    """What a response recalled for the problem's skill, and where it parts from the solution.

    `recalled` is the value it used (None if none can be read); `slip` names the first wrong step
    after a right recall: an arithmetic step, the choice of the letter, or the form of the answer.
    """

    recalled: str | None
    right: bool
    slip: str = ""


def diagnose(problem: Problem, response: str) -> Diagnosis:
    """Compares a response with the worked solution: was it the recall or a later step?"""
    skill = problem.skill
    if skill.family == "coding":
        found = re.search(r"return (.+)", response)
        parameter = problem.slots["parameter"]
        text = found.group(1).strip() if found else ""
        recalled = next(
            (v for v in values_of("coding", skill.right) if v.replace("@", parameter) == text), None
        )
    else:
        found = re.match(r".*?\b(?:holds|is) ([A-Za-z0-9]+)(?:\.| \()", response, re.DOTALL)
        recalled = found.group(1) if found else None
    right = recalled == skill.value
    if not right or skill.family == "coding":
        return Diagnosis(recalled, right)
    expected = re.split(r"(?<=\.) ", solve(problem).solution)
    given = re.split(r"(?<=\.) ", response.strip())
    for number, sentence in enumerate(expected):
        if number >= len(given) or given[number] != sentence:
            return Diagnosis(recalled, right, sentence)
    return Diagnosis(recalled, right)
