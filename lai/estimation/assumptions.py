"""What is assumed of replies and of the target before they are there, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

LENGTHS = {"skill": 40, "misconception": 200, "explanation": 500, "solution": 300}
"""Characters of a reply's texts, by the name that the schema gives them."""
OTHER_LENGTH = 150
SHAPES = {"target": "", "judge": "VerdictShape"}
"""Of the replies of those of whom an instructor's replies tell nothing."""
Lengths = Mapping[tuple[str, str], float]
"""Characters, by the shape of a reply and the name of a text in it."""


@dataclass(frozen=True)
class Rates:
    """How many tokens a server counts for a character, of prompts and of replies.

    `reasoning`: how many tokens each reply takes besides those of its text. Where no reply has
    told: `unseen`, what share of its `max_tokens` it takes besides, and `schema`, whether the
    schema is counted as part of the prompt, as some servers do.
    """

    prompt: float
    reply: float
    reasoning: float = 0.0
    unseen: float = 0.0
    schema: bool = False

    def completion(self, characters: int, most: int) -> tuple[float, float]:
        """Tokens of a reply of at most `most`, and how many of these are unseen reasoning.

        A server stops at the limit, and so does the price.
        """
        seen = min(characters * self.reply + self.reasoning, most)
        taken = min(seen + self.unseen * most, most)
        return taken, taken - seen

    def times(self, factor: float) -> Rates:
        """With so many times as much reasoning; the tokens of a character stay."""
        return replace(self, reasoning=self.reasoning * factor)


@dataclass(frozen=True)
class Assumptions:
    """One way in which a run may go.

    `error_rate`: of the pool, in the first iteration; `later`: errors of each later iteration, as a
    share of those of the one before. `accepted`: share of the candidates; `by_task`: where it
    was measured. `skills`: how many
    weaknesses a task has; the r-th has about 1 / r as many errors as the first (Zipf). `length`:
    how much longer texts are than usual. `response`: characters of a target's answer. `rates` and
    `lengths`: measured ones, by the shape of the reply, and the latter by the name of the text in
    it; under an empty shape those over all shapes.
    """

    error_rate: float
    later: float
    accepted: float
    skills: float
    length: float
    response: int
    default: Rates
    rates: Mapping[str, Rates] = field(default_factory=dict)
    lengths: Lengths = field(default_factory=dict)
    by_task: Mapping[str, float] = field(default_factory=dict)

    def accepts(self, task: str) -> float:
        """The accepted share of the task's candidates."""
        return self.by_task.get(task, self.accepted)

    def characters(self, shape: str, name: str, usual: float | None = None) -> float:
        """How long a text of that name is, where a `usual` one is as long as that."""
        usual = LENGTHS.get(name, OTHER_LENGTH) if usual is None else usual
        found = self.lengths.get((shape, name), self.lengths.get(("", name)))
        return usual * self.length if found is None else found

    def rate(self, shape: str) -> Rates:
        """Tokens for a character in requests for `shape` and replies of it."""
        return self.rates.get(shape, self.default)


LOW = Assumptions(0.2, 0.5, 0.95, 10, 0.5, 100, Rates(1 / 5, 1 / 5))
MIDDLE = Assumptions(0.5, 0.8, 0.75, 60, 1.0, 400, Rates(1 / 4, 1 / 4, schema=True))
HIGH = Assumptions(0.8, 1.0, 0.5, 1e12, 3.0, 1600, Rates(1 / 3, 1 / 3, unseen=1 / 2, schema=True))
"""Its replies are preceded by reasoning, which is as long before a short one as before a long.

Where that is half of `max_tokens` in the mean, some of the replies are cut off there already.
"""


class Accepted(NamedTuple):
    """A share, between the ends of its interval."""

    low: float
    share: float
    high: float


class Unusable(NamedTuple):
    """So many of so many first replies could not be used, the first of them for this reason."""

    bad: int
    replies: int
    reason: str


@dataclass(frozen=True)
class Observed:
    """What real replies were like. `spread`: of a mean, one standard error as a share of it.

    `pooled`: the rates over all shapes. `stages`: how many replies each stage had. `unusable`: by
    stage, of which first replies some could not be used. `accepted`: by task, and of all under "".
    It and `skills`: None where no exercise was verified, and no two analyses of a task are there to
    be compared. `response`: characters of the target's answers, None before there are any.
    """

    replies: int
    rates: Mapping[str, Rates]
    lengths: Lengths
    spread: float
    accepted: Mapping[str, Accepted] | None = None
    skills: float | None = None
    response: int | None = None
    pooled: Rates | None = None
    stages: Mapping[str, int] = field(default_factory=dict)
    unusable: Mapping[str, Unusable] = field(default_factory=dict)


def informed(given: Assumptions, observed: Observed, toward: int) -> Assumptions:
    """`given` with what was observed in its place, `toward` -1, 0 or 1 standard errors off."""
    found = given
    if observed.replies:
        off = 1 + toward * observed.spread
        others = dict.fromkeys(SHAPES.values(), given.default)
        found = replace(
            given,
            default=(observed.pooled or given.default).times(off),
            rates=others | {shape: rates.times(off) for shape, rates in observed.rates.items()},
            lengths={name: length * off for name, length in observed.lengths.items()},
        )
    if observed.accepted:
        shares = {task: max(0.05, one[1 - toward]) for task, one in observed.accepted.items()}
        found = replace(found, accepted=shares.pop(""), by_task=shares)
    if observed.skills:
        found = replace(found, skills=observed.skills * 3.0**toward)
    if observed.response is not None:
        found = replace(found, response=observed.response)
    return found
