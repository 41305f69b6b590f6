"""How wide a text is, before any font draws it.

``widths.json`` holds the advance widths of DejaVu Sans 2.37 (Bitstream Vera's licence,
the changes in the public domain), whose letters are as wide as those of Verdana, the
font that badges ask for first. ``api.badges.measure`` wrote it.
"""

import unicodedata
from functools import cache
from pathlib import Path

import orjson

TABLE = Path(__file__).with_name("widths.json")
EM = 2048
UNLISTED = {"Mn": 0, "Me": 0, "So": EM * 5 // 4}
"""Of characters that are not in the table, by category: emoji are wider than one em,
which is what ideographs take, and marks stand above others."""
MARKS = frozenset({"Mn", "Me"})
JOINED = frozenset(map(chr, range(0x600, 0x700)))
"""Arabic letters are narrower where they join."""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of ``text`` in a font of that size, in pixels.

    Where ``is_measured`` says no, it is a guess that is rather too wide.
    """
    widths = _table()["bold" if bold else "regular"]
    units = sum(widths[c] if c in widths else _unlisted(c) for c in text)
    if text and unicodedata.category(text[0]) in MARKS:
        units += EM  # there is nothing for it to stand above
    return units * size / EM


def is_measured(text: str, *, bold: bool = False) -> bool:
    """Say whether the text is as wide as its characters, each of which is known.

    Marks take no place of their own, so a text with them is not stretched either.
    """
    return _measured("bold" if bold else "regular").issuperset(text)


def _unlisted(char: str) -> int:
    return UNLISTED.get(unicodedata.category(char), EM)


@cache
def _measured(weight: str) -> frozenset[str]:
    widths = _table()[weight]
    return frozenset(char for char, width in widths.items() if width) - JOINED


@cache
def _table() -> dict[str, dict[str, int]]:
    blocks = orjson.loads(TABLE.read_bytes())
    return {weight: _by_char(blocks[weight]) for weight in blocks}


def _by_char(blocks: list[tuple[int, list[int | None]]]) -> dict[str, int]:
    return {
        chr(code): width
        for first, widths in blocks
        for code, width in enumerate(widths, first)
        if width is not None
    }
