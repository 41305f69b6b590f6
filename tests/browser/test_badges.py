"""Badges in Chromium: texts are as wide as measured, and fit; the page copies lines."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from api.badges.drawing import STYLES, Badge, draw
from api.badges.widths import text_width
from tests.browser.conftest import Visit
from tests.factories import PIP_311, count_day

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
LABELS = (
    "downloads",
    "Téléchargements",
    "загрузки",
    "λήψεις",
    "WWWWMMMM",
    "iiiilllll.,:;",
    'a&b<c>"d"',
    "0123456789 / €",
    "Tiếng Việt",
    "הורדות",
    "ჩამოტვირთვები",
    "x" * 64,
)
UNMEASURED = (
    "التنزيلات",
    "12 تنزيل",
    "डाउनलोड",
    "ดาวน์โหลด",
    "日本語の数",
    "다운로드",
    "🚀 pulls",
    "🇫🇷🇩🇪🇯🇵",
    "e\u0301" * 30,
    "\u0301",
)
KERNING = 0.06
"""How much narrower Chromium sets pairs of letters; the table has single ones."""
needs_dejavu = pytest.mark.skipif(
    not Path("/usr/share/fonts/truetype/dejavu").exists(),
    reason="needs the package fonts-dejavu-core",
)

NATURAL_WIDTHS = """([texts, size, weight]) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  document.body.append(svg);
  return texts.map((text) => {
    const element = document.createElementNS(svg.namespaceURI, "text");
    element.setAttribute("font-family", "DejaVu Sans");
    element.setAttribute("font-size", size);
    element.setAttribute("font-weight", weight);
    element.setAttribute("text-rendering", "geometricPrecision");
    element.textContent = text;
    svg.append(element);
    return element.getComputedTextLength();
  });
}"""
BOXES = """() => {
  const box = (element) => {
    const { x, width } = element.getBBox();
    return [x, x + width];
  };
  return [[...document.querySelectorAll("rect[x]")].map(box),
          [...document.querySelectorAll("text:not([aria-hidden])")].map(box)];
}"""


def natural_widths(page: Page, texts: list[str], size: int, weight: str) -> list[float]:
    widths: list[float] = page.evaluate(NATURAL_WIDTHS, [texts, size, weight])
    return widths


@needs_dejavu
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_letters_are_as_wide_as_the_table_says(visit: Visit, weight: str) -> None:
    letters = [chr(code) for code in range(0x21, 0x7F)]

    drawn = natural_widths(visit.page, letters, 1000, weight)

    bold = weight == "bold"
    measured = [text_width(letter, 1000, bold=bold) for letter in letters]
    assert drawn == pytest.approx(measured, abs=1)


@needs_dejavu
def test_words_are_as_wide_as_their_letters(visit: Visit) -> None:
    drawn = natural_widths(visit.page, list(LABELS), 11, "normal")

    for label, width in zip(LABELS, drawn, strict=True):
        measured = text_width(label, 11)
        assert measured * (1 - KERNING) <= width <= measured + 0.5, label


@pytest.mark.parametrize("style", STYLES)
def test_no_text_overflows_its_box(context: BrowserContext, style: str) -> None:
    page = context.new_page()
    for label in (*LABELS, *UNMEASURED):
        drawn = draw(Badge(label, "1.2M/month", "#555", "#007ec6", STYLES[style]))
        page.set_content(drawn)

        boxes, texts = page.evaluate(BOXES)

        for box, text in zip(boxes, texts, strict=True):
            assert box[0] + 3 <= text[0] <= text[1] <= box[1] - 3, label


@pytest.mark.parametrize("label", ["التنزيلات", "डाउनलोड"])
def test_letters_that_join_stay_joined(context: BrowserContext, label: str) -> None:
    page = context.new_page()
    page.set_content(draw(Badge(label, "1", "#555", "#007ec6", STYLES["flat-square"])))
    length = "() => document.querySelector('text').getBBox().width"
    drawn = page.evaluate(length)
    page.set_content("<body></body>")

    [natural] = natural_widths(page, [label], 11, "normal")

    assert drawn == pytest.approx(natural, abs=1)


@pytest.fixture
def site(live_server: LiveServer) -> str:
    count_day(date(2026, 11, 20), {"django": {PIP_311: 1234}})
    url: str = live_server.url
    return url


def test_badge_opened_by_itself_is_a_picture_with_a_name(
    visit: Visit, site: str
) -> None:
    page = visit.open(f"{site}/badge/django/day.svg")

    assert page.get_by_role("img", name="downloads: 1.2k/day").count() == 1
    assert page.title() == "downloads: 1.2k/day"
    assert visit.errors == []


def test_page_shows_its_badge(visit: Visit, site: str) -> None:
    page = visit.open(f"{site}/packages/django")

    badge = page.get_by_role("img", name="Downloads per month")
    assert badge.evaluate("img => [img.complete, img.naturalWidth, img.height]") == [
        True,
        146,
        20,
    ]
    assert visit.errors == []


def test_line_is_copied(visit: Visit, site: str, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit.open(f"{site}/packages/django")

    page.get_by_role("button", name="Copy the reStructuredText").click()

    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(".. image:: http")
    assert copied.endswith("   :alt: Downloads per month")


def test_page_without_a_clipboard_has_no_copy_buttons(
    visit: Visit, site: str, context: BrowserContext
) -> None:
    context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'clipboard', {value: undefined})"
    )

    page = visit.open(f"{site}/packages/django")

    assert page.locator("[data-copy]:visible").count() == 0
    assert visit.errors == []


def test_lines_do_not_widen_a_phones_page(visit: Visit, site: str) -> None:
    visit.page.set_viewport_size({"width": 360, "height": 800})

    page = visit.open(f"{site}/packages/django")

    assert page.evaluate("document.documentElement.scrollWidth") == 360
