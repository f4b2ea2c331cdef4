"""Which checks a written sample goes through before it is taught."""

from __future__ import annotations

from lai.core.params.overlap import Share
from lai.core.params.section import Section


class ChecksParams(Section):
    """Each check that may be switched off; null is off.

    `near_duplicate`: the Jaccard similarity of word shingles from which on a question is one that
    is taught already. `copied`: the share of its word n-grams that stand in the question of the
    error it was written for, from which on it is a copy of that.
    """

    near_duplicate: Share | None = 0.9
    copied: Share | None = 0.8
