"""The page of a run with 5,000 test items, in a real browser without a window."""

import os
import re
import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.support.reported import HOSTILE, rendered

COUNT = 5_000
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")


def question(number):
    """One question in a hundred tries to run a script."""
    return HOSTILE if number % 100 == 4 else f"What comes after {number}? {'Think well. ' * 12}"


def answer(number):
    return HOSTILE if number % 100 == 5 else "It is so. " * 12


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    root = tmp_path_factory.mktemp("large")
    html = rendered(root, COUNT, question, answer)
    (root / "report.html").write_text(html, encoding="utf-8")
    return root / "report.html"


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield started
        started.close()


@pytest.fixture
def opened(browser, path):
    """Open the page; what it says on the console and asks for is checked when the test ends."""
    said, asked, contexts = [], [], []

    def open_page(**options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append((message.type, message.text)))
        page.on("pageerror", lambda error: said.append(("error", str(error))))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [one for one in said if one[0] in ("error", "warning")] == []
    assert asked == [path.as_uri()] * len(contexts)


def matching(page):
    """How many items match, once the filters have been applied.

    They wait for a timer of the page: one that is set after it and runs longer ends after it.
    """
    page.evaluate("new Promise((done) => setTimeout(done, 150))")
    return int(re.match(r"[\d,]+", page.inner_text("#matching"))[0].replace(",", ""))


def test_it_opens_without_an_error_or_a_request_and_is_small(opened, path):
    page = opened()
    assert path.stat().st_size < 5_000_000
    assert page.locator("h1").inner_text().startswith("From iter0 to iter2")
    assert page.locator(".item").count() == 10


def test_each_filter_leaves_the_items_that_it_names(opened):
    page = opened()
    total = matching(page)
    page.select_option("[name=split]", "test")
    assert matching(page) == 1_500
    page.select_option("[name=way]", "broken")
    assert matching(page) == 500
    page.select_option("[name=way]", "fixed")
    assert matching(page) == 1_000
    page.select_option("[name=task]", "words")
    words = sum(number % 10 in (5, 6) and number % 3 == 1 for number in range(COUNT))
    assert matching(page) == words
    assert page.locator(".item .way").all_inner_texts() == ["fixed"] * 10
    page.click("button[type=reset]")
    assert matching(page) == total
    page.select_option("[name=split]", "pool")
    assert matching(page) == 2


def test_text_is_searched_in_questions_and_answers(opened):
    page = opened()
    page.fill("[name=text]", "what comes after 1234?")
    assert matching(page) == 1
    assert "What comes after 1234?" in page.locator(".item").inner_text()
    page.fill("[name=text]", "ITER1 ON 0 + 2?")
    assert matching(page) == 1
    page.fill("[name=text]", "nothing says this")
    assert matching(page) == 0
    assert page.locator(".item").count() == 0


def test_more_items_are_shown_on_demand(opened):
    page = opened()
    page.click("#more")
    assert page.locator(".item").count() == 20
    page.fill("[name=text]", "what comes after 1234?")
    assert matching(page) == 1
    assert not page.is_visible("#more")


def test_filters_and_sections_work_from_the_keyboard(opened):
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the results"
    page.focus("[name=way]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "task"
    assert page.eval_on_selector("[name=way]", "one => one.value") == "fixed"


def test_hostile_text_is_shown_and_does_nothing(opened):
    page = opened()
    page.select_option("[name=split]", "test")
    page.fill("[name=text]", "onerror=")
    assert matching(page) == 100
    assert HOSTILE in page.locator(".item").first.inner_text()
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2


@pytest.mark.parametrize("opening", [False, True])
def test_nothing_sticks_out_on_a_phone(opened, opening):
    page = opened(viewport={"width": 375, "height": 812})
    if opening:
        page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_phone_shows_change_interval_and_verdict_of_every_task(opened):
    page = opened(viewport={"width": 390, "height": 844})
    table = page.locator("#results table").first
    region = page.locator("#results .wide").first
    assert region.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert table.locator("tbody tr").count() == 6
    for row in table.locator("tbody tr").all():
        shown = [cell for cell in row.locator("th, td").all() if cell.is_visible()]
        # Task, iter0, iter2, the change with its interval, the verdict.
        assert len(shown) == 5
        assert all(cell.bounding_box()["x"] + cell.bounding_box()["width"] <= 390 for cell in shown)
    first = table.locator("tbody tr").first.inner_text()
    assert re.search(r"[+−]\d+\.\d\s+[+−]\d+\.\d to [+−]\d+\.\d", first)
    assert "improved" in first or "no evidence" in first
    heads = [head.inner_text() for head in table.locator("thead th").all() if head.is_visible()]
    assert [head.split()[0] for head in heads] == ["task", "iter0", "iter2", "change", "verdict"]
    assert page.locator("#results .narrow").is_visible()


def test_a_wide_screen_shows_every_iteration(opened):
    page = opened(viewport={"width": 1200, "height": 900})
    heads = page.locator("#results table").first.locator("thead th")
    assert all(head.is_visible() for head in heads.all())
    assert heads.count() == 8
    assert not page.locator("#results .narrow").is_visible()


def test_the_dark_scheme_has_another_ground(opened):
    grounds = {
        opened(color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }
    assert len(grounds) == 2


def test_headings_and_pictures_have_names(opened):
    page = opened()
    assert page.locator("h1").count() == 1
    assert page.locator("section:not([aria-labelledby])").count() == 0
    assert page.locator("svg[role=img]:not([aria-label])").count() == 0
    assert page.locator("svg:not([role=img]):not([aria-hidden])").count() == 0


def test_long_texts_keep_the_page_below_its_limit(browser, tmp_path):
    html = rendered(tmp_path, COUNT, lambda number: f"{number} < " * 300, lambda _: "<é" * 900)
    assert len(html.encode()) < 5_000_000
    (tmp_path / "report.html").write_text(html, encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "report.html").as_uri())
    assert "items are left out" in page.locator("#items").inner_text()
    assert matching(page) > 500
    page.close()
