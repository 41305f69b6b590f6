"""Widths of texts, from the font's own table."""

from pathlib import Path

import orjson
import pytest

from api.badges.measure import BLOCKS, FONTS, measure
from api.badges.widths import TABLE, text_width

DEJAVU = Path("/usr/share/fonts/truetype/dejavu")


@pytest.mark.parametrize(
    ("text", "size", "expected"),
    [
        ("", 11, 0.0),
        ("downloads", 2048, 10970.0),
        ("downloads", 11, 10970 * 11 / 2048),
        ("日本", 10, 20.0),
        ("🚀", 8, 10.0),
        ("e\N{COMBINING TILDE BELOW}\ufe0f", 2048, 1260.0),
    ],
)
def test_text_is_as_wide_as_its_letters(
    text: str, size: float, expected: float
) -> None:
    assert text_width(text, size) == expected


def test_bold_letters_are_wider() -> None:
    assert text_width("downloads", 2048, bold=True) == 12_399.0


@pytest.mark.skipif(not DEJAVU.exists(), reason="needs the package fonts-dejavu-core")
def test_table_is_what_the_font_says() -> None:
    table = orjson.loads(TABLE.read_bytes())

    assert table == {name: measure(DEJAVU / file) for name, file in FONTS.items()}
    assert [block[0] for block in table["bold"]] == [block.start for block in BLOCKS]
