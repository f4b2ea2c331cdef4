"""Mathematics as it is set, in LaTeX or with signs of its own, as it is typed on a line."""

from __future__ import annotations

import re
import unicodedata


def _typed(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[1]).replace("\N{FRACTION SLASH}", "/")


_TYPED = (
    (re.compile(r"\\\\(?![a-z])"), "\n"),
    (re.compile(r"\\(?:begin|end)\{[a-z*]+\}"), "\n"),
    (re.compile(r"&(?=\s*[=\\])|(?<==)\s*&"), " "),
    (re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}"), r"((\1)/(\2))"),
    (re.compile(r"\\(?:times|cdot)\b"), "*"),
    (re.compile(r"\\div\b"), "/"),
    (re.compile(r"\\(?:text|mathrm|mathbf|boxed)\{([^{}]*)\}"), r" \1 "),
    (re.compile(r"\\[()\[\],;! ]|\\(?=[$%])|\\(?:left|right|q?quad)\b"), " "),
    (re.compile(r"([$€£])\s?-(?=\d)"), r"-\1"),
    (re.compile(r"\$(?!\s?\.?\d)"), " "),
    (re.compile(r"\*\*(?=[$\d][^*\n]*\*\*)|(?<=\d)\*\*(?!\s?\d)"), ""),
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
