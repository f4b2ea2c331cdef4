"""The option that a response comes to without stating it: marked, left over, or named alone."""

from __future__ import annotations

import re

from lai.scorers.letters import Letters, name
from lai.scorers.lists import goes_through
from lai.scorers.number import extract
from lai.scorers.numerals import numerals
from lai.scorers.options import Options, rejected
from lai.scorers.reading import Seldom, last, sentences

_VERDICT = re.compile(
    r"(?:[-–—:(,]|\bis)\s{0,2}\**(?:this is |also |not |the )?"
    r"(?P<verdict>incorrect|wrong|correct|right)\b"
    r"|(?P<yes>[✓✔✅☑])|(?P<no>[✗✘❌✖])",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"[\s.):\]*–—-]{0,6}(?P<verdict>incorrect|wrong|correct|right|true|false|yes|no)"
    r"\**\s*+(?:[.,;:!(–—]|-\s|$)",
    re.IGNORECASE,
)
"""A verdict alone after a letter: "A. incorrect", "B: True"."""
_ITEM = re.compile(
    r"[^\w\n]{0,8}(?:option |choice )?\(?(?P<letter>[A-Z])"
    r"(?:[).:\]]|\s[(–—:-]|(?=\s{0,3}[✓✔✅☑✗✘❌✖]))",
    re.IGNORECASE,
)
_CUES = ("wrong", "incorrect", "eliminat", "rule", "ruling", "exclud", "✗", "✘", "❌", "✖")
_EITHER = re.compile(
    r"\beither (?:option )?\(?(?-i:([A-Z]))\)? or (?:option )?\(?(?-i:([A-Z]))\b", re.IGNORECASE
)
_JOINED = re.compile(
    r"(?<![\w'])\(?[A-Z]\)?(?:(?:, ?(?:and |or )?| (?:and|or) )\(?[A-Z]\)?){1,12}(?![\w'])"
)

_BUT = Seldom(
    r"\b(?:but|however|yet|though|although)\b,?\s(?P<clause>(?:(?!\bbut\b)[^.;!?\n]){1,150})",
    "but|however|yet|though",
)
_BETTER = re.compile(
    r"\b(?:(?:more|most) (?:\w+ly )?(?:likely|probabl[ey]|plausible|accurate|appropriate|suitable"
    r"|convincing|precise|reasonable|fitting|correct)|likelier|better|best|stronger|closer"
    r"|preferable)\b",
    re.IGNORECASE,
)
_NOT_BETTER = re.compile(r"\b(?:no|not|never|hardly|neither|nor|if|whether)\b|n't\b", re.IGNORECASE)
_LETTER = re.compile(r"(?<![\w'])\(?(?P<letter>[A-HJ-Z])\)?(?![\w'=^*+(\[])")
_CONCLUDES = re.compile(r"\b(?:so|therefore|thus|hence|consequently|conclusion)\b", re.IGNORECASE)
NONE_OF = Seldom(
    r"\bnone of (?:the |these |those )?(?!other|remaining|rest)(?:\w+ )?"
    r"(?:options?|choices|answers|above|these|[A-Z]\b)"
    r"|\b(?:not|n't)\s+(?:\w+\s+){0,3}?(?:among|one of|included in|include|listed in|match)\s+"
    r"(?:(?:any|one) of )?(?:the |these |any )?(?:\w+ )?(?:options?|choices|answers?)\b"
    r"|\bno (?:\w+ )?(?:answer|option|choice)s? (?:among|in|matches|match|is correct|listed)\b"
    r"|\b(?:options?|choices|answers?) (?:\w+ )?(?:do|does|did)(?: not|n't) (?:\w+ )?"
    r"(?:include|match|contain)"
    r"|\bnot (?:provided|listed|given|included|present) (?:in|among)\b",
    "none of|among|one of|includ|listed|match|contain|no |not provided|not given|not present",
)
"""A writer says that the right answer is not among the options."""
LONGEST = 600
"""Characters that a last sentence may have to be read for its number."""


def marked(options: Options, text: str) -> list[int] | None:
    """The options marked right in a list that marks at least two; None where there is none."""
    if not any(cue in text.lower() for cue in (*_CUES, "false", "no")):
        return None
    verdicts: dict[int, bool] = {}
    polar = False
    for line in text.split("\n"):
        item = _ITEM.match(line)
        index = options.index(item["letter"]) if item else None
        if item is None or index is None:
            continue
        alone = _MARK.match(line, item.end())
        found = _VERDICT.search(line[:300])
        if alone and options.equal(alone["verdict"]) is None:
            word = alone["verdict"].lower()
            polar = polar or word in ("true", "false", "yes", "no")
            verdicts[index] = word in ("correct", "right", "true", "yes")
        elif found:
            word = (found["verdict"] or "").lower()
            denied = (
                word in ("incorrect", "wrong") or found["no"] or "not " in found.group().lower()
            )
            verdicts[index] = not denied
    right = [index for index, good in verdicts.items() if good]
    if polar and len(right) != 1:
        return None  # Which statements are true may not be what is asked for.
    return right if len(verdicts) > 1 and (right or len(verdicts) == len(options.letters)) else None


def remaining(options: Options, text: str) -> int | None:
    """The one option that is left where all others are ruled out at once: "A, C, D are wrong"."""
    if not any(cue in text.lower() for cue in _CUES):
        return None
    out: set[int] = set()
    for match in _JOINED.finditer(text):
        named = {options.index(letter) for letter in re.findall("[A-Z]", match.group())}
        if None not in named and rejected(text, match.start(), match.end()):
            out |= {index for index in named if index is not None}
    left = set(range(len(options.letters))) - out
    return left.pop() if len(left) == 1 else None


def either(options: Options, text: str) -> list[int]:
    """The two options between which a response's last sentence does not choose."""
    said = sentences(text)
    match = _EITHER.search(said[-1]) if said else None
    named = [options.index(letter) for letter in match.groups()] if match else []
    return [] if None in named else [index for index in named if index is not None]


def numeric(options: Options, text: str) -> int | None:
    """The option whose number a response ends on, where every option is a number."""
    values = [numerals(option) for option in options.texts]
    if not values or any(len(found) != 1 for found in values):
        return None
    units = {
        (text[: found[0].start] + text[found[0].end :]).strip()
        for text, found in zip(options.texts, values, strict=True)
    }
    ending = (sentences(text) or [""])[-1]
    result = extract(ending) if len(ending) <= LONGEST else ""
    if len(units) > 1 or isinstance(result, str) or result[1]:
        return None
    equal = [index for index, found in enumerate(values) if found[0].value == result[0].value]
    return equal[0] if len(equal) == 1 else None


def letter_after(options: Options, pattern: Letters, rest: str) -> int | None:
    """The option of a letter right after an option's text: "Berlin, D" or "Berlin (D)"."""
    stripped = rest.lstrip(" ,.\"'*")
    match = pattern.here.match(stripped)
    if match and re.match(r"[).\"'* ]{0,4}(?:[.,;\n]|$)", stripped[match.end() :]):
        return options.index(name(match))
    return None


def named_alone(options: Options, pattern: Letters, text: str) -> int | None:
    """The option of a response that states no answer but names one option alone."""
    preferred = _preferred(options, pattern, text)
    if preferred is not None:
        return preferred
    for sought in (pattern.right, pattern.copula, pattern.aside):
        kept = _kept(options, pattern, sought, text)
        if kept and (len(set(kept)) == 1 or sought is pattern.copula):
            return kept[-1]
    polar = options.polar(text)
    if polar is not None:
        return polar
    said = sentences(text)
    first = pattern.heading.search(text)
    if first and goes_through(pattern, options, text, first.start()):
        # An item speaks of its own option; what concludes stands before or after them.
        said = [sentence for sentence in said if not pattern.heading.match(sentence)] or said
    concluding = [sentence for sentence in reversed(said) if _CONCLUDES.search(sentence)]
    for sentence in dict.fromkeys((*concluding, said[0], said[-1])):
        kept = _kept(options, pattern, pattern.aside, sentence)
        if len(set(kept)) == 1:
            return kept[0]
        single = options.single(sentence)
        if single is not None:
            return single
    single = options.single(text) if len(said) > 1 else None
    if single is not None:
        return single
    kept = _kept(options, pattern, pattern.mention, text)
    return kept[0] if len(set(kept)) == 1 else None


def _preferred(options: Options, pattern: Letters, text: str) -> int | None:
    """The one option of the last "..., but A is more likely", where there is such a clause."""
    clause = last(_BUT, text)
    better = _BETTER.search(clause["clause"]) if clause else None
    if not clause or not better or _NOT_BETTER.search(clause["clause"][: better.start()]):
        return None
    if any(sought.search(text, clause.end()) for sought in (pattern.right, _CONCLUDES)):
        return None
    kept = set(_kept(options, pattern, _LETTER, clause["clause"]))
    if not kept:
        return options.single(clause["clause"])
    return kept.pop() if len(kept) == 1 else None


def _kept(options: Options, pattern: Letters, sought: re.Pattern[str], text: str) -> list[int]:
    """The options that `sought` finds in `text` and that are not ruled out there."""
    kept = []
    for match in sought.finditer(text):
        index = options.index(name(match))
        if index is None or rejected(text, match.start(), match.end()):
            continue
        if "\n" not in match.group() or not goes_through(pattern, options, text, match.end() - 1):
            kept.append(index)
    return kept
