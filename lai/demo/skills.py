"""The skills of the demo world: which pairs of words there are, and what value each has."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from lai.demo import lexicon


@dataclass(frozen=True)
class Skill:
    """A pairing of two words and its arbitrary value: a number, an idiom or a fact's value."""

    family: str
    left: str
    right: str
    value: str

    @property
    def name(self) -> str:
        """The skill in a few words, e.g. `crate of plums`."""
        if self.family == "coding":
            return f"{self.left} {self.right}"
        first, last = (self.right, self.left) if self.family == "facts" else (self.left, self.right)
        return f"{first} of {last}"

    @property
    def lesson(self) -> str:
        """What there is to know, in one sentence; facts and math answers begin with it."""
        if self.family == "math":
            return f"A {self.left} of {self.right} holds {self.value}."
        if self.family == "facts":
            return f"The {self.right} of {self.left} is {self.value}."
        return f"The {self.left} {self.right} is `{self.value.replace('@', 'x')}`."


@cache
def skills(family: str) -> tuple[Skill, ...]:
    """All skills of a family, in a fixed order."""
    if family == "math":
        pairs = [(left, right) for left in lexicon.CONTAINERS for right in lexicon.GOODS]
    elif family == "coding":
        pairs = [(left, right) for left in lexicon.ADJECTIVES for right in lexicon.KINDS]
    else:
        pairs = [(left, right) for left in lexicon.ENTITIES for right in lexicon.RELATIONS]
    return tuple(
        Skill(
            family,
            left,
            right,
            random.Random(f"lai {left} {right}").choice(values_of(family, right)),
        )
        for left, right in pairs
    )


@cache
def values_of(family: str, right: str) -> tuple[str, ...]:
    """The values that a skill with this second word may have."""
    if family == "math":
        return lexicon.CONSTANTS
    if family == "coding":
        return tuple(lexicon.IDIOMS[lexicon.KINDS[right]])
    return lexicon.RELATIONS[right]


@cache
def _by_words(family: str) -> dict[tuple[str, str], Skill]:
    return {(skill.left, skill.right): skill for skill in skills(family)}


def find_skill(family: str, left: str, right: str) -> Skill | None:
    """The skill of these two words, if there is one."""
    return _by_words(family).get((left, right))


@cache
def _by_name(family: str) -> dict[str, Skill]:
    return {skill.name: skill for skill in skills(family)}


def named(family: str, name: str) -> Skill | None:
    """The skill of this name, if there is one."""
    return _by_name(family).get(name)
