"""Mathematics as it is set, in LaTeX or with signs of its own, as it is typed on a line."""

from __future__ import annotations

import re
import unicodedata


def _typed(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[1]).replace("\N{FRACTION SLASH}", "/")


def _mixed(match: re.Match[str]) -> str:
    over, under = match[1], match[2]
    return f" {over}/{under}" if int(over) < int(under) else f"(({over})/({under}))"


_TYPED = (
    (re.compile("([！-～]+)"), _typed),
    (re.compile(r"\\\\(?![a-z])"), "\n"),
    (re.compile(r"\\(?:begin|end)\{[a-z*]+\}"), "\n"),
    (re.compile(r"&(?=\s*[=\\])|(?<==)\s*&"), " "),
    (re.compile(r"(?<=\d)\\[dt]?frac\{(\d{1,9})\}\{(\d{1,9})\}"), _mixed),
    (re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}"), r"((\1)/(\2))"),
    (re.compile(r"\\(?:times|cdot)\b"), "*"),
    (re.compile(r"\\div\b"), "/"),
    (re.compile(r"\\(?:text|textbf|textit|underline|mathrm|mathbf|boxed)\{([^{}]*)\}"), r" \1 "),
    (re.compile(r"\\[()\[\],;! ]|\\(?=[$%])|\\(?:left|right|q?quad)\b"), " "),
    (re.compile(r"([$€£])\s?-(?=\d)"), r"-\1"),
    (re.compile(r"\$(?!\s?\.?\d)"), " "),
    # Bold, and no power: "**12 * 3 = 36**", but "2**3**2".
    (re.compile(r"(?<![\w)\]*])\*\*(?=[^\s*])([^\n]{0,200}?[^\s*])\*\*(?!\w|-?\d)"), r"\1"),
    (re.compile(r"^([^\S\n]*)\*(?=\S)([^\n]*\S)\*([.!]?)[^\S\n]*$", re.MULTILINE), r"\1\2\3"),
    (re.compile(r"`|[^\S\n]?[✓✔✅☑]\ufe0f?(?=[^\S\n]?$)", re.MULTILINE), ""),
    (re.compile(r"__(?=\S)([^\n_]+)__"), r"\1"),
    # After an expression that stands alone, unlike "The difference between 20 and 3 * 4 equals 8."
    (
        re.compile(
            r"((?:^|[.;:!?][^\S\n])[^\S\n]*(?:(?:[-*•]|so|thus|then|hence|therefore)\s)?"
            r"[-(\[$€£]*\d(?:[^\S\n]|\d|[.,](?=\d)|[-+*/^()\[\]$€£%x×÷·⋅•−])*)"
            r"(?<=[\s)\]])(?:equals|is equal to)\b",
            re.MULTILINE | re.IGNORECASE,
        ),
        r"\1=",
    ),
    (re.compile(r"(?<=\d)\s?[€£¥₹](?!\s?\.?\d)|[¥₹]\s?(?=\.?\d)"), ""),
    (re.compile(r"(?<=\d)\{,\}(?=\d)"), ","),
    (re.compile(r"([⁰¹²³⁴-⁹]+)"), lambda match: f"^{_typed(match)}"),
    (re.compile(r"\^\{(\d+)\}"), r"^\1"),
    # A square centimetre is a unit and no power; of "m" nobody else knows that it is one.
    (re.compile(r"(?<=[a-z]{2})\s?\^[23]\b"), ""),
    (re.compile(r"(?<![a-z])m\^[23]\b"), "metres"),
    (re.compile(r"(?<=\d)\s?(?=[¼-¾⅐-⅞])"), " "),
    (re.compile(r"(?<![/÷^])(?<![/÷^]\s)([¼-¾⅐-⅞])"), _typed),
    (re.compile(r"(?<==)[ \t]*\n[ \t]*(?=[$€£(]?\.?\d)"), " "),
)


_CONTINUED = re.compile(r"\s*=(?!=)")
_COMPUTES = re.compile(r"\s*[-($€£]*\s?\.?\d")


def plain(text: str) -> str:
    """`text` with the commonest LaTeX, powers and fractions as they are written without.

    An equation that is broken before or after its equals sign comes on one line.
    """
    for pattern, by in _TYPED:
        text = pattern.sub(by, text)
    lines: list[str] = []
    for line in filter(str.strip, text.split("\n")):
        # "Sales = Sold - 6" and "= 55 - 6" below it: words and numbers are no chain.
        if lines and _CONTINUED.match(line) and _COMPUTES.match(lines[-1].rpartition("=")[2]):
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
    return "\n".join(lines)
