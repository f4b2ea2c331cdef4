"""The wordings of the demo world: one template is both written from and read back.

An ID form is what pools, tutors and ID tests use; an OOD form asks for the same skills in another
wording or form, and only OOD tests (and the base model's pre-training, on what it knows) use it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

SLOTS = {
    "name": r"[A-Z][a-z]+",
    "other": r"[A-Z][a-z]+",
    "left": r"[A-Za-z]+",
    "lure": r"[A-Za-z]+",
    "right": r"[a-z]+",
    "n": r"[2-9]",
    "m": r"[1-9]",
    "function": r"[a-z]+",
    "parameter": r"[a-z]+",
}


@dataclass(frozen=True)
class Form:
    """One wording. `text` has `{slot}`s of SLOTS; `plan` names the arithmetic of a math form."""

    name: str
    family: str
    ood: bool
    text: str
    plan: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Reads a question in this form back into its slots."""
        seen: set[str] = set()
        parts = []
        for part in re.split(r"(\{[a-z]+\})", self.text):
            if not part.startswith("{"):
                parts.append(re.escape(part))
            elif (slot := part[1:-1]) in seen:
                parts.append(f"(?P={slot})")
            else:
                seen.add(slot)
                parts.append(f"(?P<{slot}>{SLOTS[slot]})")
        return re.compile("".join(parts))

    @cached_property
    def slots(self) -> frozenset[str]:
        """The names of the slots of this form."""
        return frozenset(re.findall(r"\{([a-z]+)\}", self.text))


def _forms(family: str, ood: bool, *texts: tuple[str, str]) -> list[Form]:
    label = "ood" if ood else "id"
    return [
        Form(f"{family}-{label}-{number}", family, ood, text, plan)
        for number, (text, plan) in enumerate(texts, start=1)
    ]


FORMS: tuple[Form, ...] = (
    *_forms(
        "math",
        False,
        ("{name} buys {n} {left}s of {right}. How many {right} is that?", "times"),
        ("{name} has {n} {left}s of {right}. How many {right} does {name} have?", "times"),
        ("How many {right} are in the {n} {left}s of {right} that {name} packs?", "times"),
        ("{name} has {n} {left}s of {right} and {m} loose {right}. How many {right}?", "plus"),
        ("{name} adds {m} {right} to {n} {left}s of {right}. How many {right} now?", "plus"),
    ),
    *_forms(
        "math",
        True,
        (
            "{name} sells {n} {left}s of {right}, then {other} sells {m} more. How many {right}?",
            "sum",
        ),
        (
            "From {n} {left}s of {right}, {m} go to {name}, aged {age}. How many {right} are left?",
            "minus",
        ),
    ),
    *_forms(
        "coding",
        False,
        (
            "Write `{function}({parameter})`, which returns the {left} {right} of {parameter}.",
            "",
        ),
        ("Define `{function}({parameter})`. It gives the {left} {right} of {parameter}.", ""),
        ("We need `{function}({parameter})` for the {left} {right} of {parameter}.", ""),
        ("Code the {left} {right} of {parameter} as `{function}({parameter})`.", ""),
    ),
    *_forms(
        "coding",
        True,
        ('def {function}({parameter}):\n    """Return the {left} {right} of {parameter}."""', ""),
        (
            'def {function}({parameter}):\n    """The {right} of {parameter}, {left} form."""',
            "",
        ),
    ),
    *_forms(
        "facts",
        False,
        ("What is the {right} of {left}? {name} asks.", ""),
        ("{name} asks for the {right} of {left}.", ""),
        ("Tell {name} the {right} of {left}.", ""),
        ("Which {right} does {name} find in {left}?", ""),
        ("{name} goes to {left}. What is its {right}?", ""),
    ),
    *_forms(
        "facts",
        True,
        ("{name} left {lure} for {left}. Its {right} is", ""),
        ("Not {lure} but {left}, {name} says, has this {right}:", ""),
    ),
)
SLOTS["age"] = SLOTS["n"]
