"""metrics/report.html: one self-contained page, readable offline, on a phone and in the dark."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import jinja2
from markupsafe import Markup

from lai.core.jsonl import mended
from lai.core.params.runtime import in_words
from lai.report import charts, effort, weaknesses
from lai.report.items import embedded
from lai.report.summary import Summary
from lai.report.told import Told

HERE = Path(__file__).parent


def render(told: Told) -> str:
    """The page as HTML: a function of `told` alone. All text from models and data is escaped.

    Its content security policy allows no request and no script but the page's own.
    """
    script = (HERE / "page.js").read_text(encoding="utf-8")
    curves = [row.curve for row in told.rows]
    ends = [end for row in told.rows for pair in row.band for end in pair]
    axis = charts.scale([*ends, *(value for curve in curves for value in curve)])
    names = told.summary["iterations"]
    text = (
        _environment()
        .get_template("page.html.jinja")
        .render(
            told=told,
            summary=told.summary,
            names=names,
            last=names[-1],
            radar=_radar(told.summary),
            lines=[(row, charts.line(names, row.curve, row.band, axis)) for row in told.rows],
            size=charts,
            instructed=effort.STEPS,
            most=weaknesses.MOST,
            shown=weaknesses.shown(told.weaknesses),
            items=Markup(embedded(told.items)),
            style=Markup((HERE / "page.css").read_text(encoding="utf-8")),
            script=Markup(script),
            allowed=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )
    return str(mended(text))


def radar(summary: Summary) -> str:
    """The radar alone, as an SVG file for `dvc plots`."""
    template = _environment().get_template("radar.svg.jinja")
    return str(mended(template.render(radar=_radar(summary))))


def _radar(summary: Summary) -> charts.Radar | None:
    curves = {name: task["accuracy"] for name, task in summary["tasks"].items()}
    return charts.radar(curves, summary["iterations"])


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = lambda value: f"{100 * value:.1f}"
    environment.filters["points"] = lambda value: f"{100 * value:+.1f}".replace("-", "−")
    environment.filters["cost"] = in_words
    environment.filters["count"] = lambda value: f"{value:,}"
    return environment
