"""Takes the widths of characters from a font: ``python -m api.badges.measure FOLDER``.

The folder holds DejaVuSans.ttf and DejaVuSans-Bold.ttf; fontTools comes with the
development tools. The widths are rewritten in ``widths.json``.
"""

import sys
from pathlib import Path

import orjson
from fontTools.ttLib import TTFont

from api.badges.widths import TABLE

FONTS = {"regular": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf"}
BLOCKS = (
    range(0x20, 0x700),
    range(0x10A0, 0x1100),
    range(0x1E00, 0x2300),
)
"""Latin, Greek, Cyrillic, Armenian, Hebrew and Arabic; Georgian; more of Latin and
Greek, punctuation, currencies, symbols, arrows and mathematics."""


def measure(path: Path) -> list[list[object]]:
    """The first character of each block and the widths from there on, in 1/2048 em."""
    font = TTFont(path)
    glyphs, metrics = font.getBestCmap(), font["hmtx"]
    return [
        [
            block.start,
            [metrics[glyphs[code]][0] if code in glyphs else None for code in block],
        ]
        for block in BLOCKS
    ]


def main(folder: Path) -> None:
    measured = {weight: measure(folder / name) for weight, name in FONTS.items()}
    TABLE.write_bytes(orjson.dumps(measured, option=orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
