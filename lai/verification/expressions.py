"""Arithmetic as it is written in sentences: taken apart into tokens, and computed exactly."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from lai.core.python import parsed

Kind = Literal["number", "operator", "bracket", "word", "stop", "unknown", "="]
Value = tuple[Fraction, Fraction]
"""A number, and how far it may be off, having been rounded."""

_SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_TOKEN = re.compile(
    r"""
    (?P<unread>\d{1,2}:\d\d(?!\d)
        |(?:[$€£]\s?)?(?!\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,]))\d+(?:\.\d+)*[,'’]\d[\d.,'’]*
        |\d+(?:\.\d+){2,}
        |[^\W\d_]{2,}\d\w*|[^\W\d_]{2,}(?=\()
    |(?i:twice|doubled?|tripled?|squared|cubed|choose|log|ln|sin|cos|tan)\b
    |(?i:(?:\w+-)?(?:half|third|quarter|fourth|fifth|root|square|cube|power|average|mean)s?\ of)\b)
    |(?P<arrow>[=-]>|[→⇒])
    |(?P<number>(?:[$€£]\s?)?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)
        (?:\s(?P<over>\d+)/(?P<under>\d+)(?![\d/]))?
        (?:\s?(?P<percent>%|percent\b))?(?:\s(?P<scale>hundred|thousand|million|billion|trillion)\b)?)
    |(?P<times>(?:(?<=[\d)%])|(?<=[\d)%a-z]\s))[x×X✕·⋅•∙](?=\s?[$€£(]?\s?\.?\d))
    |(?P<named>(?:divided|multiplied)\s+by\b|times\b|plus\b|minus\b|over\b)
    |(?P<of>of\b(?=\s[$€£(]?\.?\d))
    |(?P<operator>\*\*|[-+*/^×÷−–∗])
    |(?P<bracket>[()\[\]])
    |(?P<equals>=(?![=>])(?<![<>!=≠]=))
    |(?P<word>[^\W\d_]+(?:['’/-][^\W\d_]+)*)
    |(?P<stop>[,.:;!?"“”'’])
    |(?P<space>\s+)
    |(?P<unknown>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPERATORS = {
    "×": "*", "÷": "/", "−": "-", "–": "-", "∗": "*", "^": "**", "x": "*", "X": "*", "✕": "*",
    "·": "*", "⋅": "*", "•": "*", "∙": "*", "times": "*", "plus": "+", "minus": "-", "over": "/",
    "divided": "/", "multiplied": "*",
}  # fmt: skip
_AFTER = ("(", "+", "-", "*", "/", "**")
MOST_UNITS = 4
"""Words between a number and the operator after it that are taken for its unit."""
LONGEST_NUMBER = 40
LARGEST_POWER = 16
MOST_BITS = 4096
"""Of a power; a tower of them would take all memory."""


@dataclass(frozen=True)
class Token:
    """A piece of a sentence. `text`: of an operator Python's; `spaced`: with space on both sides.

    `value`: of a number, as it is written; `share`: a percentage as a share, else the same;
    `grouped`: 1.500 as fifteen hundred, which it is in other languages, else the same.
    """

    kind: Kind
    text: str
    start: int
    end: int
    spaced: bool = False
    value: Fraction = Fraction()
    share: Fraction = Fraction()
    grouped: Fraction = Fraction()
    decimals: int = 0

    @property
    def off(self) -> Fraction:
        """How far a number may be off as written: 0.25 is itself, 0.33 may be a third."""
        percent = self.value == Fraction(1, 100)
        rounded = self.decimals >= 2 and self.value % Fraction(1, 20) and not percent
        return Fraction(1, 2 * 10**self.decimals) if rounded else Fraction()


def tokens(sentence: str) -> list[Token]:
    """What `sentence` consists of; white space is left out."""
    found: list[Token] = []
    for match in _TOKEN.finditer(sentence):
        token = _token(match, found)
        if token:
            found.append(token)
    return found


def _token(match: re.Match[str], before: Sequence[Token]) -> Token | None:
    text, (start, end) = match.group(), match.span()
    if match["space"]:
        return None
    if match["number"]:
        return _number(match)
    if match["equals"]:
        return Token("=", text, start, end)
    if match["bracket"]:
        return Token("bracket", "(" if text in "([" else ")", start, end)
    operator = match["times"] or match["operator"] or match["named"]
    if match["of"]:
        operator = "*" if _is_part(before) else None
    if operator:
        before_it = match.string[start - 1 : start] if start else " "
        spaced = before_it == match.string[end : end + 1] == " "
        first = operator.split()[0]
        return Token("operator", _OPERATORS.get(first, first), start, end, spaced)
    if match["stop"] or match["arrow"]:
        return Token("stop", text, start, end)
    # "9:30", "3,5", "CO2", "sqrt(" and "twice" cannot be read here. A letter alone is a variable:
    # "2x", "5 * n"; and nobody knows "1/3 of the rest".
    variable = len(text) == 1 and text != "a"
    if match["unknown"] or match["unread"] or variable or (text == "of" and _is_fraction(before)):
        return Token("unknown", text, start, end)
    return Token("word", text, start, end)


def _number(match: re.Match[str]) -> Token:
    text = match["number"]
    if len(text) > LONGEST_NUMBER:
        return Token("unknown", text, *match.span())
    written = re.match(r"[$€£]?\s?([\d,]*)(\.\d+)?", text)
    assert written
    whole, decimals = written[1].replace(",", ""), written[2] or ""
    value = Fraction((whole or "0") + decimals)
    if match["over"] and int(match["under"]):
        value += Fraction(int(match["over"]), int(match["under"]))
    places = len(decimals) - 1 if decimals else 0
    if match["scale"]:
        value *= 10 ** _SCALES[match["scale"]]
        places -= _SCALES[match["scale"]]
    share = value / 100 if match["percent"] else value
    grouped = value * 1000 if re.fullmatch(r"[$€£]?\s?[1-9]\d{0,2}\.\d{3}", text) else value
    return Token("number", text, *match.span(), False, value, share, grouped, places)


def _is_part(before: Sequence[Token]) -> bool:
    """Whether "of" after these means a product: "20% of 50", "1/2 of 30"."""
    if before and before[-1].kind == "number" and before[-1].share != before[-1].value:
        return True
    return _is_fraction(before)


def _is_fraction(before: Sequence[Token]) -> bool:
    kinds = [token.text if token.kind == "operator" else token.kind for token in before[-3:]]
    return kinds == ["number", "/", "number"]


def compute(part: Sequence[Token]) -> list[Value]:
    """The values that an expression may have; none where it is no expression.

    Percentages are read by their value and as shares, a point as one of thousands too, and "8 ÷
    1/4" as 8 by a quarter too. A number with decimals may have been rounded.
    """
    return list(dict.fromkeys([*_computed(part), *_computed(_with_fractions(part))]))


def _with_fractions(part: Sequence[Token]) -> list[Token]:
    """The tokens with an unspaced a/b as one number where it comes after a division sign."""
    found: list[Token] = []
    for token in part:
        found.append(token)
        sign, over, by = found[-4:-1] if len(found) > 3 else [token] * 3
        tight = (over.end, by.end) == (by.start, token.start)
        if sign.text == by.text == "/" and sign.spaced and tight and over.value and token.value:
            value = over.value / token.value
            found[-3:] = [Token("number", "", over.start, token.end, False, value, value, value)]
    return found


def _computed(part: Sequence[Token]) -> list[Value]:
    source = _source(part)
    tree = parsed(source) if source else None
    if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return []
    numbers = [token for token in part if token.kind == "number"]
    found = []
    for read in ("value", "share", "grouped"):
        values = [
            (value := getattr(token, read), token.off * (value / (token.value or 1)))
            for token in numbers
        ]
        try:
            found.append(_evaluated(tree.body[0].value, values))
        except (ArithmeticError, ValueError):
            return []
    return found


def _source(part: Sequence[Token]) -> str:
    """Python of an expression, its numbers named n0, n1, ...; "" where a unit stands wrongly."""
    pieces: list[str] = []
    units, count, end = 0, 0, -1
    for token in part:
        joined = token.kind == "number" and token.start == end
        if (joined or token.text == "(") and not units and pieces and pieces[-1] not in _AFTER:
            pieces.append("*")  # "50(2)", "1/2 (68)"
        end = token.end
        if token.kind == "word":
            units += 1
            if not pieces or not (pieces[-1].startswith("n") or pieces[-1] == ")"):
                return ""
            if units > MOST_UNITS:
                return ""
            continue
        if token.kind in ("stop", "unknown"):
            return ""
        if token.kind == "number":
            pieces.append(f"n{count}")
            count += 1
        else:
            pieces.append(token.text)
        units = 0
    return " ".join(pieces) if count and pieces[0] != "+" else ""


def _evaluated(node: ast.expr, values: Sequence[Value]) -> Value:
    """The value of a tree of names and operators. Raises: ArithmeticError, ValueError."""
    if isinstance(node, ast.Name):
        return values[int(node.id[1:])]
    if isinstance(node, ast.UnaryOp):
        value, off = _evaluated(node.operand, values)
        return (-value if isinstance(node.op, ast.USub) else value), off
    if not isinstance(node, ast.BinOp):
        raise ValueError("no arithmetic")
    (one, off), (other, also) = (_evaluated(side, values) for side in (node.left, node.right))
    match node.op:
        case ast.Add():
            return one + other, off + also
        case ast.Sub():
            return one - other, off + also
        case ast.Mult():
            return one * other, abs(one) * also + abs(other) * off
        case ast.Div():
            return one / other, (off + abs(one / other) * also) / abs(other)
        case ast.Pow():
            bits = max(one.numerator.bit_length(), one.denominator.bit_length())
            if other.denominator != 1 or abs(other) > LARGEST_POWER or bits > MOST_BITS:
                raise ValueError("too great a power")
            return one ** int(other), abs(other * one ** int(other - 1)) * off if off else off
    raise ValueError("no arithmetic")
