"""The ways in which a text is looked at, to see it through what disguises it."""

from __future__ import annotations

from collections.abc import Sequence

from lai.overlap.disguises import joined, undisguised
from lai.overlap.words import signless, words


def looks(parts: Sequence[str]) -> list[list[list[str]]]:
    """The words of each of `parts`, each look once: as they stand, undisguised, and as one word
    what an apostrophe or a hyphen parts; all but the first without signs as well.

    By its signs a sum is told from another, but they are punctuation in a text that has a dash, an
    arrow or a bullet, as an apostrophe is left out or a space instead: no look does for all.
    """
    plain = [words(part) for part in parts]
    bare = [undisguised(part) for part in parts]
    found = [plain]
    for texts in (bare, [joined(one) for one in bare], [joined(one, True) for one in bare]):
        seen = [
            asked if text == part else words(text)
            for text, part, asked in zip(texts, parts, plain, strict=True)
        ]
        for look in (seen, [signless(one) for one in seen]):
            if look not in found:
                found.append(look)
    return found
