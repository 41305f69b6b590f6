"""The colours that a badge can have: shields' names for them, or hexadecimal."""

import re

NAMES = {
    "brightgreen": "#4c1",
    "green": "#97ca00",
    "yellowgreen": "#a4a61d",
    "yellow": "#dfb317",
    "orange": "#fe7d37",
    "red": "#e05d44",
    "blue": "#007ec6",
    "grey": "#555",
    "gray": "#555",
    "lightgrey": "#9f9f9f",
    "lightgray": "#9f9f9f",
}
HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.ASCII)
WHITE, DARK = "#fff", "#333"
LEAST_CONTRAST = 3.0
"""Of white text; on anything lighter the text is dark."""


def parse_color(text: str) -> str | None:
    """Return ``#rgb`` or ``#rrggbb`` for a name or a number; None for anything else."""
    lowered = text.lower()
    if lowered in NAMES:
        return NAMES[lowered]
    found = HEX.fullmatch(lowered)
    return f"#{found[1]}" if found else None


def text_color(background: str) -> str:
    """Return the colour of text that can be read on ``background``."""
    contrast = 1.05 / (_luminance(background) + 0.05)
    return WHITE if contrast >= LEAST_CONTRAST else DARK


def _luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it, from 0 to 1."""
    digits = color[1:]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (_linear(int(digits[n : n + 2], 16) / 255) for n in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    if channel <= 0.04045:
        return channel / 12.92
    linear: float = ((channel + 0.055) / 1.055) ** 2.4
    return linear
