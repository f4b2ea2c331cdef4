"""The ways in which a text is looked at, to see it through what disguises it."""

from __future__ import annotations

from collections.abc import Sequence

from lai.overlap.disguises import undisguised
from lai.overlap.words import signless, words


def looks(parts: Sequence[str]) -> list[list[list[str]]]:
    """The words of each of `parts`: as they stand, undisguised, and without signs; each look once.

    By its signs a sum is told from another, but they are punctuation in a text that has a dash, an
    arrow or a bullet: none of these looks does for both.
    """
    plain = [words(part) for part in parts]
    seen = [
        asked if (bare := undisguised(part)) == part else words(bare)
        for part, asked in zip(parts, plain, strict=True)
    ]
    found = [plain]
    for look in (seen, [signless(one) for one in seen]):
        if look not in found:
            found.append(look)
    return found
