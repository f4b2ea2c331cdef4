"""A sample on its way through the checks."""

from __future__ import annotations

from lai.core.records import Check, SyntheticSample, Verdict
from lai.core.reviewing import Decisions, Word

HELD_OUT = "not_held_out"
PERSON = "person"
OPINIONS = ("language", "solved_again", "not_too_easy")
"""Checks that a person's edit overrules; the others are of fact."""
_SAID: dict[Word | None, str] = {
    "accept": "a person accepted it",
    "reject": "a person rejected it",
}


class Candidate:
    """A sample, what the checks say of it, and what a person does.

    `waited`: how many were asked about in its place that were nearly the same.
    """

    def __init__(self, sample: SyntheticSample, decisions: Decisions) -> None:
        self.sample = decisions.edited(sample)
        self._edited = self.sample is not sample
        self._word = decisions.word(self.sample.id)
        self._checks: list[Check] = []
        self._copy = False
        self.waited = 0

    def hold(self, reason: str, copy: bool) -> None:
        """Note why it is too like what is held out; that it is a `copy` nobody overrules."""
        self.add(HELD_OUT, reason)
        self._copy = copy

    def add(self, name: str, reason: str | None) -> None:
        """Note why a check says no, "" where it passes; None is nothing to note."""
        overruled = self._edited and name in OPINIONS
        if reason is not None and not overruled:
            self._checks.append(Check(name=name, passed=not reason, detail=reason))

    @property
    def passes(self) -> bool:
        """Whether no check has turned it down so far."""
        return all(check.passed for check in self._checks)

    @property
    def decided(self) -> bool:
        """Whether a person has said what becomes of it."""
        return self._word in _SAID

    @property
    def accepted(self) -> bool:
        """Whether it may be taught."""
        if self._word == "accept":
            return not self._copy
        return self._word != "reject" and self.passes

    def may_ask(self, name: str) -> bool:
        """Whether the check `name` is worth a call."""
        return self.passes and not (self._edited and name in OPINIONS)

    def verdict(self) -> Verdict:
        """All that was said of it."""
        checks = list(self._checks)
        said = _SAID.get(self._word, "a person edited it" if self._edited else "")
        if said:
            checks.append(Check(name=PERSON, passed=self._word != "reject", detail=said))
        return Verdict(
            parents=[self.sample.id], sample=self.sample, accepted=self.accepted, checks=checks
        )
