"""Multiple choice: the option that a response commits to, by letter or by its text."""

from __future__ import annotations

import re

from lai.scorers.base import Judgement, Question

_COMMITMENT = re.compile(
    r"\b(?i:answer|choice|option)\b(?:\s+(?:is|would be|must be))?(?P<not>\s+not)?\s*[:=]?\s*"
    r"(?:option\s+)?[*(\"'\[]*(?P<letter>[A-Z])\b(?![\w'])",
)
_BARE = re.compile(r"^\W*(?:option\s+)?(?P<letter>[A-Z])(?:\W|$)", re.IGNORECASE)


class Choice:
    """The letter after the last commitment, a bare leading letter, or an option's own text."""

    parallel = False

    def __call__(self, question: Question, text: str, truncated: bool = False) -> Judgement:
        letters = [chr(ord("A") + index) for index in range(len(question.choices))]
        answer = self._extract(text, letters, question.choices)
        if answer is None:
            why = "the response was cut off" if truncated else "the response names no option"
            return Judgement("N", None, why)
        if answer == question.reference:
            return Judgement("C", answer)
        chosen = question.choices[letters.index(answer)]
        right = question.choices[letters.index(question.reference)]
        return Judgement(
            "I", answer, f"chose {answer} ({chosen}), right is {question.reference} ({right})"
        )

    @staticmethod
    def _extract(text: str, letters: list[str], choices: list[str]) -> str | None:
        committed = [
            match["letter"]
            for match in _COMMITMENT.finditer(text)
            if not match["not"] and match["letter"] in letters
        ]
        if committed:
            return committed[-1]
        first = text.strip().split("\n", 1)[0] if text.strip() else ""
        bare = _BARE.match(first)
        if bare and bare["letter"] in letters and (len(first) <= 3 or first[1:2] in ").:"):
            return bare["letter"]
        named = [
            letter
            for letter, choice in zip(letters, choices, strict=True)
            if re.search(rf"(?<!\w){re.escape(choice.strip())}(?!\w)", text, re.IGNORECASE)
        ]
        return named[0] if len(named) == 1 else None

    def reference(self, raw: str, choices: list[str]) -> tuple[str, str]:
        """A letter, an index from 0, or the text of an option, as the letter."""
        letters = [chr(ord("A") + index) for index in range(len(choices))]
        text = raw.strip()
        if text.upper().rstrip(").") in letters:
            return text.upper().rstrip(")."), ""
        if text.isdigit() and int(text) < len(choices):
            return letters[int(text)], ""
        if text in choices and choices.count(text) == 1:
            return letters[choices.index(text)], ""
        raise ValueError(f"{text[:60]!r} is none of the {len(choices)} choices")
