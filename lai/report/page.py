"""metrics/report.html: one self-contained page, readable offline, on a phone and in the dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from lai.core.params.schema import InstructorParams, TargetParams
from lai.report.changes import sentence
from lai.report.summary import Summary, rows

WIDTH, HEIGHT, MARGIN = 220, 120, 24


def render(
    summary: Summary,
    changes: Sequence[Mapping[str, Any]],
    stories: Sequence[object],
    target: TargetParams,
    instructor: InstructorParams,
) -> str:
    """The page as HTML. All text from models and data is escaped.

    `stories`: of `lai.lineage.Story`'s fields.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    table = rows(summary)
    return environment.get_template("page.html.jinja").render(
        summary=summary,
        table=table,
        charts=[(name, role, chart(curve)) for name, role, curve, _ in table],
        stories=stories,
        target=target,
        instructor=instructor,
        headline=f"{_run(summary)}: {sentence(changes)}.",
    )


def _run(summary: Summary) -> str:
    return f"From iter0 to {summary['iterations'][-1]}, strategy {summary['strategy']}"


def chart(curve: Sequence[float]) -> dict[str, Any]:
    """Coordinates of a line chart over the iterations, accuracy from 0 to 1 upwards."""
    step = (WIDTH - 2 * MARGIN) / max(1, len(curve) - 1)
    points = [
        (round(MARGIN + i * step, 1), round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * value, 1))
        for i, value in enumerate(curve)
    ]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "margin": MARGIN,
        "line": " ".join(f"{x},{y}" for x, y in points),
        "points": [
            (x, y, f"{100 * value:.1f}") for (x, y), value in zip(points, curve, strict=True)
        ],
    }
