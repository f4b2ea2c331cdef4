"""The options of a multiple-choice question, and where a text names one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lai.scorers.reading import plain

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_REJECTED_BEFORE = re.compile(
    r"(?:\bnot|n't|\brather than|\binstead of|\bneither|\bnor|\bexcept|\bunlike|\beliminat\w+"
    r"|\brul\w+ out|\bexclud\w+|\breject\w*|\bbut not|\bthan)\s+"
    r"(?:(?:the|an?|option|choice|answer|to|be|simply|just|because|of|letter)\s+)*[\"'(]*$"
    r"|(?:\bnot|n't)\s+(?:\w+ly\s+)?(?:think|believe|feel|say|suppose|agree)\s+(?:that\s+)?"
    r"(?:(?:it|this|that|(?:the )?(?:\w+ )?answer)"
    r"(?:'s| is| was| would be| could be| should be)\s+)?"
    r"(?:(?:the|an?|it|correct|right|best|final|option|choice|answer|letter)\s+){0,4}[\"'(]*$",
    re.IGNORECASE,
)
_REJECTED_AFTER = re.compile(
    r"[\"').,:]*\s*(?:\([^()]*\)\s*)?(?:(?:is|are|was|can|could|would|does|do|must|seems?)\s*"
    r"(?:be\s+)?(?:\w+ly\s+)?(?:not\b|n't|wrong|incorrect|false|out\b|ruled out|eliminated"
    r"|irrelevant|unrelated|impossible|invalid|excluded)|isn't|aren't|wasn't|doesn't|can't|cannot"
    r"|could be ruled|can be (?:ruled|eliminated|excluded))",
    re.IGNORECASE,
)

_POLAR = {"yes", "no", "true", "false", "correct", "incorrect", "valid", "invalid"}
_CONTRAST = re.compile(r"(?:,|\bbut|\band)\s*$")
_DETERMINER = re.compile(
    r"\s(?!(?:because|since|as|and|or|but|if|for|it|he|she|they|this|that|the|there|we|you|i)\b)\w"
)


@dataclass(frozen=True)
class Mention:
    """An option named in a text, from `start` to `end`."""

    index: int
    start: int
    end: int


def folded(text: str) -> str:
    """`text` as options are compared: plain, lower case, white space folded, no closing stop."""
    return " ".join(plain(text).casefold().split()).strip(" .,;:\"'`*")


def rejected(text: str, start: int, end: int) -> bool:
    """Whether what stands at `start:end` is named only to be ruled out: "not A", "A is wrong"."""
    return bool(
        _REJECTED_BEFORE.search(text[max(0, start - 60) : start])
        or _REJECTED_AFTER.match(text[end : end + 60])
    )


class Options:
    """Letters (or the data set's own labels) and texts of one question's options."""

    def __init__(self, choices: Sequence[str], labels: Sequence[str] = ()) -> None:
        self.letters = list(_LETTERS[: len(choices)])
        self.labels = list(labels) or self.letters
        self.texts = [folded(choice) for choice in choices]
        names = {name: index for index, name in enumerate(self.letters)}
        names |= {label: index for index, label in enumerate(self.labels)}
        self.names = names
        self.numbered = any(label.isdigit() for label in self.labels)
        last = self.letters[-1] if self.letters else "A"
        self.letter = rf"[A-{last}]" + ("|[1-9]" if self.numbered else "")
        self._lengths = sorted(range(len(choices)), key=lambda i: -len(self.texts[i]))

    def index(self, name: str) -> int | None:
        """The option that a letter or label stands for."""
        return self.names.get(name, self.names.get(name.upper()))

    def equal(self, text: str) -> int | None:
        """The one option whose text is `text`, once folded."""
        wanted = folded(text)
        found = [index for index, option in enumerate(self.texts) if option == wanted]
        return found[0] if len(found) == 1 and wanted else None

    def leading(self, text: str) -> int | None:
        """The option whose text `text` starts with; of several the longest."""
        text = folded(text)
        for index in self._lengths:
            option = self.texts[index]
            if option and text.startswith(option) and not text[len(option) :][:1].isalnum():
                return None if self.texts.count(option) > 1 else index
        return None

    def named(self, text: str) -> list[Mention]:
        """Where `text` (folded) names options by their texts, longest first, without overlap."""
        found: list[Mention] = []
        taken = bytearray(len(text))
        for index in self._lengths:
            option = self.texts[index]
            if not option or option not in text:
                continue
            numeric = option[-1].isdigit() or option[0].isdigit()
            before = r"(?<![\w.,/$-])" if numeric else r"(?<!\w)"
            after = r"(?!\w|[.,/:]\d|\s?[/*+×])" if numeric else r"(?!\w)"
            for match in re.finditer(before + re.escape(option) + after, text):
                start, end = match.span()
                if taken.find(1, start, end) < 0:
                    taken[start:end] = b"\1" * (end - start)
                    found.append(Mention(index, start, end))
        return sorted(found, key=lambda mention: mention.start)

    def single(self, text: str) -> int | None:
        """The one option that `text` names by its text and does not reject."""
        text = " ".join(plain(text).casefold().split())
        kept: set[int] = set()
        for one in self.named(text):
            if one.index in kept or self._beside(text, one):
                continue
            if not rejected(text, one.start, one.end):
                kept.add(one.index)
        return kept.pop() if len(kept) == 1 else None

    def _beside(self, text: str, mention: Mention) -> bool:
        """Whether an option's words say something else: ", not a dog", "no doubt"."""
        option = self.texts[mention.index]
        if option == "no":
            return bool(_DETERMINER.match(text, mention.end))
        contrast = option.startswith("not ") and _CONTRAST.search(
            text[max(0, mention.start - 10) : mention.start]
        )
        return bool(contrast)

    def polar(self, text: str) -> int | None:
        """The option "yes", "no", "true" ... that `text` starts with, before a stop."""
        first = re.match(r"[\s\"'*(]{0,5}([A-Za-z]{2,9})\b[\"'*]{0,3}(?:[,.;:!\n–—]|$)", text)
        return self.equal(first[1]) if first and first[1].lower() in _POLAR else None
