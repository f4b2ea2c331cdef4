"""Where the points of the charts are; the templates draw them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Interval = tuple[float, float]
WIDTH, HEIGHT = 260, 150
LEFT, RIGHT, TOP, BOTTOM = 30, 14, 14, 24
RADIUS = 130
MANY = 16
LONGEST = {False: 16, True: 22}
TONES = 3
DASHES = ("9 4", "2 3", "none", "9 3 2 3")
"""Of the iterations between: with as many tones as `TONES`, twelve can be told apart."""


@dataclass(frozen=True)
class Line:
    """A curve over the iterations: (x, y, iteration, text, the text's y) a point, and the rest.

    `band`: its outline. `ticks`: (y, percent).
    """

    points: list[tuple[float, float, str, str, float]]
    band: str
    ticks: list[tuple[float, int]]

    @property
    def line(self) -> str:
        """The points as a polyline takes them."""
        return " ".join(f"{x},{y}" for x, y, *_ in self.points)


def scale(values: Sequence[float]) -> tuple[float, float]:
    """The tens between which all of `values` lie, at least 20 points apart, from 0 to 1."""
    low = math.floor(min(values) * 10 + 1e-9) / 10
    high = math.ceil(max(values) * 10 - 1e-9) / 10
    while high - low < 0.2 - 1e-9:
        low, high = max(0.0, low - 0.1), min(1.0, high + 0.1)
    return round(low, 1), round(high, 1)


def line(
    names: Sequence[str], curve: Sequence[float], band: Sequence[Interval], axis: Interval
) -> Line:
    """A curve between the accuracies `axis`, with the interval of each point where known."""
    step = (WIDTH - LEFT - RIGHT) / max(1, len(curve) - 1)
    across = [round(LEFT + place * step, 1) for place in range(len(curve))]

    def height(value: float) -> float:
        share = (value - axis[0]) / (axis[1] - axis[0])
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)

    upper = [f"{x},{height(high)}" for x, (_, high) in zip(across, band, strict=False)]
    lower = [f"{x},{height(low)}" for x, (low, _) in zip(across, band, strict=False)]
    middle = (axis[0] + axis[1]) / 2
    rises = curve[-1] >= curve[0]
    above = [rises if place else not rises or len(curve) == 1 for place in range(len(curve))]
    return Line(
        points=[
            (x, height(value), name, f"{100 * value:.1f}", _beside(height(value), up))
            for x, value, name, up in zip(across, curve, names, above, strict=True)
        ],
        band=" ".join([*upper, *reversed(lower)]),
        ticks=[(height(value), round(100 * value)) for value in (axis[0], middle, axis[1])],
    )


def _beside(y: float, above: bool) -> float:
    """Where the text of a point at `y` stands, off the curve and within the picture."""
    return round(y - 9 if (above and y - 20 > 0) or y + 18 > HEIGHT - BOTTOM else y + 18, 1)


@dataclass(frozen=True)
class Axis:
    """Where an axis ends, and its name there; `turn`: by how many degrees the name is turned."""

    name: str
    x: float
    y: float
    text_x: float
    text_y: float
    anchor: str
    turn: float = 0


@dataclass(frozen=True)
class Radar:
    """The axes, the rings (outline, percent, y), the shapes, and half the picture's size."""

    axes: list[Axis]
    rings: list[tuple[str, int, float]]
    shapes: list[dict[str, Any]]
    words: str
    half: tuple[int, int]


def radar(curves: Mapping[str, Sequence[float]], iterations: Sequence[str]) -> Radar | None:
    """An axis a task and a shape an iteration, from 0 to 100 percent; None of under three tasks."""
    names = list(curves)
    if len(names) < 3:
        return None
    turns = [2 * math.pi * place / len(names) - math.pi / 2 for place in range(len(names))]
    many = len(names) > MANY

    def outline(values: Sequence[float]) -> str:
        return " ".join(
            f"{RADIUS * value * math.cos(turn):.1f},{RADIUS * value * math.sin(turn):.1f}"
            for value, turn in zip(values, turns, strict=True)
        )

    return Radar(
        axes=[_axis(name, turn, many) for name, turn in zip(names, turns, strict=True)],
        rings=[
            (outline([share / 100] * len(names)), share, -RADIUS * share / 100)
            for share in (25, 50, 75, 100)
        ],
        shapes=[
            {
                "name": f"{iteration} (vanilla)" if place == 0 else iteration,
                "outline": outline([curves[name][place] for name in names]),
                **_stroke(place, len(iterations) - 1),
            }
            for place, iteration in enumerate(iterations)
        ],
        words="; ".join(
            f"{name} {100 * curves[name][0]:.1f} to {100 * curves[name][-1]:.1f}" for name in names
        ),
        half=(260, 260) if many else (260, 162),
    )


def _stroke(place: int, last: int) -> dict[str, str]:
    """The style of a shape: its class and its dashes. The last one stands out."""
    if place == last:
        return {"kind": "last", "dashes": "none"}
    if place == 0:
        return {"kind": "first", "dashes": "4 3"}
    between = place - 1
    return {
        "kind": f"between tone{between % TONES}",
        "dashes": DASHES[between % len(DASHES)],
    }


def _axis(name: str, turn: float, many: bool) -> Axis:
    """Names stand level, or each along its axis where many would run into each other."""
    x, y = math.cos(turn), math.sin(turn)
    most = LONGEST[many]
    text = name if len(name) <= most else f"{name[: most - 1]}…"
    end = round(RADIUS * x, 1), round(RADIUS * y, 1)
    if many:
        left = x < -1e-9
        place = round((RADIUS + 8) * x, 1), round((RADIUS + 8) * y, 1)
        degrees = round(math.degrees(turn) + 180 * left, 1)
        return Axis(text, *end, *place, "end" if left else "start", degrees)
    anchor = "middle" if abs(x) < 0.2 else "start" if x > 0 else "end"
    place = round((RADIUS + 10) * x, 1), round((RADIUS + 12) * y + 4, 1)
    return Axis(text, *end, *place, anchor)
