"""Widths of texts, from the font's own table."""

from pathlib import Path

import orjson
import pytest

from api.badges.measure import BLOCKS, FONTS, measure
from api.badges.widths import TABLE, is_measured, text_width

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
        ("\N{COMBINING TILDE BELOW}" * 3, 2048, 2048.0),
        ("שלום", 2048, 4532.0),
        ("Tiếng Việt", 2048, 10_362.0),
    ],
)
def test_text_is_as_wide_as_its_letters(
    text: str, size: float, expected: float
) -> None:
    assert text_width(text, size) == expected


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        ("downloads", True),
        ("загрузки / λήψεις", True),
        ("Tiếng Việt", True),
        ("הורדות", True),
        ("ჩამოტვირთვები", True),
        ("∑ ≥ 5 €", True),
        ("التنزيلات", False),
        ("12 تنزيل", False),
        ("डाउनलोड", False),
        ("日本語", False),
        ("🇫🇷 downloads", False),
        ("e\N{COMBINING TILDE BELOW}", False),
        ("\N{COMBINING TILDE BELOW}", False),
    ],
)
def test_only_texts_of_known_letters_that_stay_apart_are_measured(
    text: str, is_known: bool
) -> None:
    assert is_measured(text) == is_known
    assert is_measured(text, bold=True) == is_known


def test_bold_letters_are_wider() -> None:
    assert text_width("downloads", 2048, bold=True) == 12_399.0


@pytest.mark.skipif(not DEJAVU.exists(), reason="needs the package fonts-dejavu-core")
def test_table_is_what_the_font_says() -> None:
    table = orjson.loads(TABLE.read_bytes())

    assert table == {name: measure(DEJAVU / file) for name, file in FONTS.items()}
    assert [block[0] for block in table["bold"]] == [block.start for block in BLOCKS]
