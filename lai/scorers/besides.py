"""What stands right before a number and tells what it is to the answer."""

from __future__ import annotations

import re

from lai.scorers.numerals import Numeral
from lai.scorers.reading import BEFORE

NOT = re.compile(
    r"(?:\bnot|n't|\bcannot be|\bcan't be|\binstead of|\brather than|\bnever)\s+(?:\w+\s+)?[$(]*$"
    r"|(?:\bnot|n't)\s+(?:think|believe)\s+(?:that\s+)?(?:it|this|that|the (?:\w+ )?answer)"
    r"(?:'s| is| was| would be)\s+[$(]*$",
    re.IGNORECASE,
)
"""The number is said not to be the answer."""
BOUND = re.compile(
    r"\b(?:greater|more|less|fewer|larger|smaller|higher|lower|other) than\s+[$(]*$"
    r"|[<>≤≥]\s*[$(]*$",
    re.IGNORECASE,
)
"""The number is only compared with."""
ONLY_BOUND = re.compile(
    r"(?<!\bno )(?<!\bnot )\b(?:greater|more|less|fewer|larger|smaller|higher|lower) than\s+[$(]*$"
    r"|(?<![-=<>~])[<>]\s*[$(]*$",
    re.IGNORECASE,
)
"""The answer lies beyond the number, which is no answer then; "no more than 5" is one."""
TOTAL = re.compile(
    r"\b(?:total|sum|altogether)\b(?:\s+(?:of|is|=|to|about|approximately))*\s*[$(]*$",
    re.IGNORECASE,
)
"""The number is a total."""
EQUALS = re.compile(r"[=≈]\s*(?:about|approximately|roughly)?[\s$(*\"']*$", re.IGNORECASE)
"""The number is a result."""


def ends(pattern: re.Pattern[str], sentence: str, number: Numeral) -> bool:
    """Whether what stands before a number ends in `pattern`."""
    return bool(pattern.search(sentence, max(0, number.start - BEFORE), number.start))
