"""Colours that are asked for, and of the text on them."""

import pytest

from api.badges.colors import NAMES, parse_color, text_color


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("blue", "#007ec6"),
        ("BrightGreen", "#4c1"),
        ("abc", "#abc"),
        ("#ABCDEF", "#abcdef"),
        ("", None),
        ("#", None),
        ("ab", None),
        ("abcd", None),
        ("abcdeg", None),
        ("##abc", None),
        ("abc\n", None),
        ("١٢٣", None),
        ("url(#gloss)", None),
        ("teal", None),
    ],
)
def test_color_is_a_name_or_a_number(text: str, color: str | None) -> None:
    assert parse_color(text) == color


@pytest.mark.parametrize(
    ("background", "text"),
    [
        ("#000", "#fff"),
        ("#555", "#fff"),
        ("#007ec6", "#fff"),
        ("#e05d44", "#fff"),
        ("#fff", "#333"),
        ("#4c1", "#333"),
        ("#9f9f9f", "#333"),
        ("#dfb317", "#333"),
    ],
)
def test_text_contrasts_with_its_background(background: str, text: str) -> None:
    assert text_color(background) == text


def test_every_name_is_a_colour() -> None:
    assert [parse_color(color) for color in NAMES.values()] == list(NAMES.values())
