"""How near a text that is taught may come to what is held out, for each task."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lai.core.params.section import Section

Share = Annotated[float, Field(gt=0, le=1)]


class OverlapParams(Section):
    """What is no longer taught for its likeness to a dev or test item of the task; null: not asked.

    `share`: of the runs of eight words of the shorter of both, numbers aside, how many stand in the
    other. `cosine`: of the character 5-grams, by TF-IDF. Copies, and 13 words in a row, are found
    whatever stands here.
    """

    share: Share | None = 0.5
    cosine: Share | None = 0.75
