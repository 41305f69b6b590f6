"""A badge's picture, whole."""

from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from api.badges.drawing import STYLES, Badge, draw
from api.badges.widths import text_width

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert('1')</script>&\"]]>"


def badge(label: str = "downloads", style: str = "flat") -> Badge:
    return Badge(label, "1.2M/month", "#555", "#007ec6", STYLES[style])


def root_of(badge: Badge) -> Element:
    root: Element = fromstring(draw(badge))
    return root


def texts_of(root: Element) -> list[Element]:
    """The texts that are read, not their shadows."""
    texts = root.findall(f"{SVG}g/{SVG}text")
    return [text for text in texts if not text.get("aria-hidden")]


def number(element: Element, name: str) -> float:
    return float(element.attrib[name])


def test_flat_square_badge_is_two_boxes_with_texts() -> None:
    assert draw(badge(style="flat-square")) == (
        '<svg xmlns="http://www.w3.org/2000/svg" width="149" height="20"'
        ' viewBox="0 0 149 20" role="img" aria-label="downloads: 1.2M/month">'
        "<title>downloads: 1.2M/month</title>"
        '<g shape-rendering="crispEdges">'
        '<rect x="0" width="71" height="20" fill="#555"/>'
        '<rect x="71" width="78" height="20" fill="#007ec6"/></g>'
        '<g text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif"'
        ' font-size="11" text-rendering="geometricPrecision">'
        '<text x="35.5" textLength="58.9" y="14" fill="#fff">downloads</text>'
        '<text x="110" textLength="66.4" y="14" fill="#fff">1.2M/month</text></g>'
        "</svg>\n"
    )


def test_flat_badge_has_round_corners_a_gloss_and_shadows() -> None:
    root = root_of(badge())

    corners = root.findall(f"{SVG}clipPath/{SVG}rect")
    assert [corner.get("rx") for corner in corners] == ["3"]
    assert len(root.findall(f"{SVG}linearGradient")) == 1
    texts = root.findall(f"{SVG}g/{SVG}text")
    assert [(text.text, text.get("y"), text.get("aria-hidden")) for text in texts] == [
        ("downloads", "15", "true"),
        ("downloads", "14", None),
        ("1.2M/month", "15", "true"),
        ("1.2M/month", "14", None),
    ]


def test_for_the_badge_is_in_capitals_with_a_bold_message() -> None:
    root = root_of(badge(style="for-the-badge"))

    assert root.get("height") == "28"
    assert root.get("aria-label") == "downloads: 1.2M/month"
    assert [(text.text, text.get("font-weight")) for text in texts_of(root)] == [
        ("DOWNLOADS", None),
        ("1.2M/MONTH", "bold"),
    ]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("label", [HOSTILE, "הורדות", "straße ŉ", "i" * 64])
def test_any_text_fits_its_box(label: str, style: str) -> None:
    root = root_of(badge(label, style))

    boxes = root.findall(f".//{SVG}rect[@x]")
    for box, text in zip(boxes, texts_of(root), strict=True):
        left, width = number(box, "x"), number(box, "width")
        middle, half = number(text, "x"), number(text, "textLength") / 2
        assert left + 5 <= middle - half
        assert middle + half <= left + width - 5
    assert number(root, "width") == sum(number(box, "width") for box in boxes)
    assert len(boxes) == 2


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("label", ["التنزيلات", "日本語 🚀", "🇫🇷", "\u0301"])
def test_text_that_cannot_be_measured_is_left_as_it_is(label: str, style: str) -> None:
    root = root_of(badge(label, style))

    drawn, message = texts_of(root)
    box = root.findall(f".//{SVG}rect[@x]")[0]
    assert "textLength" not in drawn.attrib
    assert "textLength" in message.attrib
    assert number(drawn, "x") == number(box, "width") / 2
    assert number(box, "width") >= 12 + 10


@pytest.mark.parametrize("style", STYLES)
def test_hostile_text_stays_text(style: str) -> None:
    root = root_of(badge(HOSTILE, style))

    shown = HOSTILE.upper() if style == "for-the-badge" else HOSTILE
    titles = root.findall(f"{SVG}title")
    assert [title.text for title in titles] == [f"{HOSTILE}: 1.2M/month"]
    assert texts_of(root)[0].text == shown
    assert {element.tag for element in root.iter()} <= {
        SVG + name
        for name in (
            *("svg", "title", "g", "rect", "text"),
            *("linearGradient", "stop", "clipPath"),
        )
    }


@pytest.mark.parametrize("style", STYLES)
def test_picture_needs_nothing_that_a_policy_refuses(style: str) -> None:
    names = {name for e in root_of(badge(style=style)).iter() for name in e.attrib}

    assert not any(name.startswith("on") for name in names)
    assert names.isdisjoint({"style", "class", "href", "src"})


def test_text_is_measured_as_it_is_drawn() -> None:
    root = root_of(badge("straße", "for-the-badge"))

    drawn = texts_of(root)[0]
    assert drawn.text == "STRASSE"
    assert number(drawn, "textLength") == round(text_width("STRASSE", 10) + 7 * 1.25, 1)
