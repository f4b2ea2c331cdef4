"""The figures of the page: scales, shapes that can be told apart, contrast."""

import re
import xml.etree.ElementTree as ElementTree

from lai.report import charts, page


def test_the_scale_holds_all_values():
    assert charts.scale([0.57, 0.883]) == (0.5, 0.9)
    assert charts.scale([0.51, 0.52]) == (0.4, 0.7)
    assert charts.scale([1.0, 1.0]) == (0.8, 1.0)
    assert charts.scale([0.0, 0.0]) == (0.0, 0.2)


def test_a_radar_has_an_axis_a_task_and_a_shape_an_iteration(run):
    svg = page.radar(run.summary)
    root = ElementTree.fromstring(svg)
    shapes = [
        one for one in root.iter() if "shape" in one.get("class", "") and "points" in one.attrib
    ]
    assert [one.get("class") for one in shapes] == [
        "shape first", "shape between tone0", "shape last",
    ]  # fmt: skip
    assert charts.radar({"a": [0.1], "b": [0.2]}, ["iter0"]) is None


def test_the_shapes_of_a_dozen_iterations_can_be_told_apart():
    names = [f"iter{number}" for number in range(14)]
    drawn = charts.radar({name: [0.5] * 14 for name in "abc"}, names)
    assert len({(shape["kind"], shape["dashes"]) for shape in drawn.shapes}) == 14
    style = (page.HERE / "page.css").read_text()
    alone = (page.HERE / "radar.svg.jinja").read_text()
    for tone in range(charts.TONES):
        assert f".tone{tone} {{ stroke:" in style and f".tone{tone} {{ stroke:" in alone


def test_a_radar_without_enough_tasks_says_so():
    svg = page.radar({"tasks": {}, "iterations": ["iter0"]})
    ElementTree.fromstring(svg)
    assert "needs three tests" in svg


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_has_contrast_aa_in_both_schemes():
    style = (page.HERE / "page.css").read_text()
    schemes = [dict(re.findall(r"--(\w+): (#\w{6});", block)) for block in style.splitlines()[:2]]
    for scheme in schemes:
        for text in ("ink", "soft", "up", "down", "curve"):
            for ground in ("paper", "card"):
                light, dark = sorted(
                    (luminance(scheme[text]), luminance(scheme[ground])), reverse=True
                )
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)
        for tone in range(charts.TONES):
            light, dark = sorted(
                (luminance(scheme[f"tone{tone}"]), luminance(scheme["paper"])), reverse=True
            )
            assert (light + 0.05) / (dark + 0.05) >= 3, tone
