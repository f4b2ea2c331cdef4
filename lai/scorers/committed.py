"""Which option a response commits to: stated answers, then headings, then the options' texts."""

from __future__ import annotations

import re

from lai.scorers.elimination import (
    NONE_OF,
    either,
    letter_after,
    marked,
    named_alone,
    numeric,
    remaining,
)
from lai.scorers.letters import Letters, letters, name
from lai.scorers.lists import belied, below, discusses, goes_through, without_list
from lai.scorers.options import Options, rejected
from lai.scorers.reading import (
    AFTER,
    BEFORE,
    BOXED,
    COMMITMENT,
    CORRECTION,
    DOUBTED,
    REFUSAL,
    REVISION,
    Seldom,
    first_turn,
    last,
    latest,
    plain,
    sentences,
    unspaced,
)

_STATED = (
    Seldom(COMMITMENT, "answer|solution|choice|option|response|pick|selection|conclusion"),
    Seldom(r"(?m:^[^\S\n]*+A:)|####", "a:|####"),
    Seldom(
        r"(?:答案(?:应该)?(?:是|为|：|:)|[选選]择?(?=\s?\(?[A-Z]))(?![^\n]{0,200}(?:答案|[选選]))",
        "答案|选|選",
    ),
    Seldom(
        r"\b(?:i|i'd|i'll|we|let's|going)\s+(?:(?:would|will|to|must)\s+)?"
        r"(?:choose|pick|select|go with|answer|opt for|say)\b",
        "choose|pick|select|go with|answer|opt for|say",
    ),
    Seldom(r"\b(?:that|this) leaves(?: us with)?\b", "leaves"),
)
_FILLER = re.compile(
    r"(?:[\s\"'`*_$:=\[]|(?:therefore|thus|hence|indeed|clearly|definitely|most likely|likely"
    r"|probably|simply|the following|the|option|choice|letter|answer|number)\b(?!\s+is\b))*",
    re.IGNORECASE,
)
_NEGATION = re.compile(r"(?:not|n't|neither|none|never|no)\b", re.IGNORECASE)
_INSTEAD = re.compile(r"\b(?:but(?: rather)?|it is|it's|instead|rather)\s+(?!not\b)", re.IGNORECASE)
_ARTICLE = re.compile(
    r"\s+(?!(?:because|as|since|and|or|which|with|for|is|in|due|but|if|not|by|from|on|at|are"
    r"|would|rather|based|given|when|where|while|that|the|however|therefore|then|so|it|this"
    r"|instead|only|meaning)\b)[a-z]"
)
_BOTH = Seldom(r"\bboth (?:options? )?\(?(?-i:([A-Z])\)? and \(?([A-Z]))\b", "both ")
_NOTHING = "the response names no option"
_TURNS = 3
"""How many times "not B but C" may be put right in one sentence."""


def committed(options: Options, text: str, truncated: bool = False) -> list[int] | str:
    """The indices of the options committed to (several make a hedge), or why there are none."""
    text = BOXED.sub(r" the answer is \1 ", plain(first_turn(text)).strip())
    if not options.letters or not text:
        return _NOTHING
    whole = options.equal(text)
    if whole is not None and not truncated:
        return [whole]
    text = without_list(options, text)
    found = _decided(options, text, truncated) if text else _NOTHING
    one = isinstance(found, list) and len(found) == 1
    other = belied(options, text, int(found[0])) if one else None
    return found if other is None else [*found, other]


def _decided(options: Options, text: str, truncated: bool) -> list[int] | str:
    """`committed` to, in a text without the restated options."""
    pattern = letters(options.letters[-1], options.numbered)
    again = last(CORRECTION, text)
    if again and _stated(options, pattern, text[again.start() :]):
        text = text[again.start() :]
    negative = any(
        option.startswith(("none", "neither", "not ", "no ")) for option in options.texts
    )
    none = None if negative else last(NONE_OF, text)
    stated = _stated(options, pattern, text)
    offered = any(" and " in option or option.startswith("both") for option in options.texts)
    both = None if offered else last(_BOTH, text)
    if both and (not stated or stated[0] < both.end()):
        named = [options.index(letter) for letter in both.groups()]
        if None not in named:
            return [index for index in named if index is not None]
    revised = _revised(options, pattern, text)
    if revised and (not stated or revised[0] > stated[0]):
        return revised[1]
    if stated and not (none and none.start() >= stated[0]):
        return stated[1]
    verdicts = None if truncated else marked(options, text)
    if verdicts is not None:
        return verdicts or "the response takes none of the options"
    left = None if truncated or none else remaining(options, text)
    if left is not None:
        return [left]
    heading = _heading(options, pattern, text)
    if heading and not (none and none.start() >= heading[0]):
        return heading[1]
    if none:
        return "the response takes none of the options"
    if truncated or any(map(REFUSAL.search, sentences(text)[-2:])):
        return _NOTHING
    undecided = either(options, text)
    if undecided:
        return undecided
    implied = named_alone(options, pattern, text)
    implied = numeric(options, text) if implied is None else implied
    return _NOTHING if implied is None else [implied]


def _revised(options: Options, pattern: Letters, text: str) -> tuple[int, list[int]] | None:
    """(position, options) of what is put in the place of an answer: "Actually, it's B"."""
    again = last(REVISION, text)
    if not again:
        return None
    rest = text[again.end() :]
    bare = pattern.here.match(rest)
    if bare and re.match(r"[)\"'* ]{0,3}(?:[.,;!\n]|$)", rest[bare.end() :]):
        index = options.index(name(bare))
        return None if index is None else (again.start(), [index])
    whole = options.equal((sentences(rest[:400]) or [""])[0])
    if whole is not None:
        return again.start(), [whole]
    found = _read(options, pattern, text, again.end()) if again["stated"] else []
    return (again.start(), found) if found else None


def _stated(options: Options, pattern: Letters, text: str) -> tuple[int, list[int]] | None:
    """(position, options) of the last "the answer is B", "B is the correct answer" or lone "B"."""
    found: list[tuple[int, list[int]]] = []
    conditional: list[tuple[int, list[int]]] = []
    for match in (match for pattern in _STATED for match in latest(pattern, text)):
        said = _read(options, pattern, text[: match.end() + AFTER], match.end())
        if said:
            near = max(0, match.start() - AFTER)
            line = text[text.rfind("\n", near, match.start()) + 1 or near : match.start()]
            start = re.split(r"[.!?]\s", line)[-1].strip().lower()
            if discusses(line) or DOUBTED.search(line[-BEFORE:]):
                continue
            hypothetical = start.startswith(("if ", "unless "))
            (conditional if hypothetical else found).append((match.start(), said))
    for match in (*latest(pattern.answer, text), *latest(pattern.thought, text)):
        index = options.index(name(match))
        denied = rejected(text, match.start(), match.start("letter") + 1) or NONE_OF.pattern.search(
            text, max(0, match.start() - 60), match.start("letter") + 1
        )
        if index is not None and not denied:
            found.append((match.start(), [index]))
    alone = list(pattern.alone.finditer(text))
    if len({name(match).upper() for match in alone}) == 1:
        index = options.index(name(alone[-1]))
        if index is not None:
            found.append((alone[-1].start(), [index]))
    for match in latest(pattern.taken_back, text):
        index = options.index(name(match))
        found = [said for said in found if said[0] > match.start() or said[1] != [index]]
    found = found or conditional
    return max(found, key=lambda said: said[0]) if found else None


def _read(
    options: Options, pattern: Letters, text: str, position: int, turns: int = _TURNS
) -> list[int]:
    """The options named right after a commitment, or else the only one that its sentence names."""
    filler = _FILLER.match(text, position)
    start = filler.end() if filler else position
    line = text[start:].split("\n", 1)[0]
    sentence = (sentences(line) or [""])[0]
    if _NEGATION.match(text, start) and options.leading(line) is None:
        instead = _INSTEAD.search(sentence) if turns else None
        if not instead:
            return []
        return _read(options, pattern, text, start + instead.end(), turns - 1)
    leading = None if options.numbered else options.leading(line)
    match = pattern.here.match(text, start)
    if leading is not None and not (match and len(options.texts[leading]) == 1):
        return _hedged(options, pattern, sentence, leading)
    word = match and (name(match) in "AI" or name(match).isdigit())  # "A car", "3 kg"
    if match and not (word and _ARTICLE.match(text, match.end())):
        if "\n" in text[position:start] and goes_through(pattern, options, text, match.start()):
            return []
        found = _letters(options, pattern, text, match)
        if found and "\n" in text[position:start]:
            found += below(options, pattern, text[match.end() :], found)
        return found
    single = options.leading(line) if options.numbered else None
    single = options.single(sentence) if single is None else single
    return [] if single is None else [single]


def _letters(options: Options, pattern: Letters, text: str, match: re.Match[str]) -> list[int]:
    """The option of a letter and of those joined to it: "A or B", "A, B and D"."""
    found: list[int] = []
    more: re.Match[str] | None = match
    while more:
        index = options.index(name(more))
        if index is None:
            break
        found += [index] if index not in found else []
        more = pattern.more.match(text, more.end())
    return found


def _hedged(options: Options, pattern: Letters, sentence: str, leading: int) -> list[int]:
    """`leading`, with the option that an "or" puts beside it, or a letter that belies it."""
    rest = sentence.casefold()
    end = rest.find(options.texts[leading]) + len(options.texts[leading])
    beside = letter_after(options, pattern, sentence[end:])
    if beside is not None and beside != leading:
        return [leading, beside]
    rest = rest[end:]
    also = re.match(r"[\s,\"']*or\s+(?:the |an? )?(.+)", rest)
    other = options.leading(also[1]) if also else None
    return [leading] if other is None or other == leading else [leading, other]


def _heading(options: Options, pattern: Letters, text: str) -> tuple[int, list[int]] | None:
    """(position, options) of a first line "B. blue", or of one below a line ending in a colon."""
    first = pattern.here.match(text)
    if first and re.match(rf"{pattern.more.pattern}[\s).]*(?:\n|$)", text[first.end() :]):
        return 0, _letters(options, pattern, text, first)
    found = [
        (match, index)
        for match in pattern.heading.finditer(text)
        if (index := options.index(name(match))) is not None
    ]
    indices = [index for _, index in found]
    if indices[:3] == list(range(min(3, len(options.letters)))):
        return None  # The options are gone through one by one.
    for match, index in found:
        end = unspaced(text, match.start())
        if not end or text[end - 1] == ":":
            return match.start(), [index]
    return None
