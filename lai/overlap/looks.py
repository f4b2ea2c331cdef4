"""The ways in which a text is looked at, to see it through what disguises it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from lai.overlap.disguises import joined, spaced, undisguised
from lai.overlap.words import signless, words


def looks(parts: Sequence[str]) -> list[list[list[str]]]:
    """The words of each of `parts`, each look once: as they stand, undisguised, and as one word
    what an apostrophe or a hyphen parts; all but the first without signs as well.

    By its signs a sum is told from another, but they are punctuation in a text that has a dash, an
    arrow or a bullet, as an apostrophe is left out or a space instead: no look does for all.
    """
    told = cache(words)
    bare = [undisguised(part) for part in parts]
    found = [[told(part) for part in parts]]
    others = [joined(one) for one in bare], [joined(one, True) for one in bare]
    for texts in (bare, *others, [spaced(one) for one in bare]):
        seen = [told(text) for text in texts]
        for look in (seen, [signless(one) for one in seen]):
            if look not in found:
                found.append(look)
    return found
