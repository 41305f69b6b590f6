"""Draws a badge: two boxes with a text each, as SVG without styles or scripts.

Every text that can be measured carries its width (``textLength``), so it fits its box
in any font. Any other is left as the reader's font sets it, in a box that is guessed.
"""

from dataclasses import dataclass

from django.utils.html import escape

from api.badges.colors import WHITE, text_color
from api.badges.widths import is_measured, text_width

FONTS = "Verdana,Geneva,DejaVu Sans,sans-serif"


@dataclass(frozen=True, slots=True)
class Style:
    """The form of a badge; lengths are in pixels."""

    height: int = 20
    font_size: int = 11
    baseline: int = 14
    padding: int = 6
    radius: int = 0
    is_glossy: bool = False
    """Whether a gradient lies on the boxes and a shadow under the texts."""
    is_loud: bool = False
    """Whether texts are in capitals, spaced, and the message bold."""


STYLES = {
    "flat": Style(radius=3, is_glossy=True),
    "flat-square": Style(),
    "for-the-badge": Style(
        height=28, font_size=10, baseline=18, padding=12, is_loud=True
    ),
}
LETTER_SPACING = 1.25


@dataclass(frozen=True, slots=True)
class Badge:
    label: str
    message: str
    label_color: str
    color: str
    style: Style


@dataclass(frozen=True, slots=True)
class _Box:
    """One half of a badge: a coloured box and the text in its middle."""

    text: str
    text_width: float | None
    """None: it cannot be measured."""
    left: int
    width: int
    color: str
    bold: bool


def draw(badge: Badge) -> str:
    style = badge.style
    label = _box(badge.label, 0, badge.label_color, style, bold=False)
    message = _box(badge.message, label.width, badge.color, style, bold=style.is_loud)
    width = label.width + message.width
    told = escape(f"{badge.label}: {badge.message}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}"'
        f' height="{style.height}" viewBox="0 0 {width} {style.height}"'
        f' role="img" aria-label="{told}"><title>{told}</title>'
        f"{_boxes([label, message], width, style)}"
        f'<g text-anchor="middle" font-family="{FONTS}" font-size="{style.font_size}"'
        ' text-rendering="geometricPrecision">'
        f"{_text(label, style)}{_text(message, style)}</g></svg>\n"
    )


def _box(text: str, left: int, color: str, style: Style, *, bold: bool) -> _Box:
    shown = text.upper() if style.is_loud else text
    width = text_width(shown, style.font_size, bold=bold)
    if style.is_loud:
        width += LETTER_SPACING * len(shown)
    # Whole pixels: the edge between the boxes is sharp.
    outer = round(width) + 2 * style.padding
    length = round(width, 1) if is_measured(shown, bold=bold) else None
    return _Box(shown, length, left, outer, color, bold)


def _boxes(boxes: list[_Box], width: int, style: Style) -> str:
    rects = "".join(
        f'<rect x="{box.left}" width="{box.width}" height="{style.height}"'
        f' fill="{box.color}"/>'
        for box in boxes
    )
    if not style.is_glossy:
        return f'<g shape-rendering="crispEdges">{rects}</g>'
    whole = f'width="{width}" height="{style.height}"'
    return (
        '<linearGradient id="gloss" x2="0" y2="100%">'
        '<stop offset="0" stop-color="#bbb" stop-opacity=".1"/>'
        '<stop offset="1" stop-opacity=".1"/></linearGradient>'
        f'<clipPath id="corners"><rect {whole} rx="{style.radius}"/></clipPath>'
        f'<g clip-path="url(#corners)">{rects}<rect {whole} fill="url(#gloss)"/></g>'
    )


def _text(box: _Box, style: Style) -> str:
    color = text_color(box.color)
    place = f'x="{box.left + box.width / 2:g}"'
    if box.text_width is not None:
        place += f' textLength="{box.text_width:g}"'
    if box.bold:
        place += ' font-weight="bold"'
    drawn = f'<text {place} y="{style.baseline}" fill="{color}">{escape(box.text)}'
    if not style.is_glossy:
        return f"{drawn}</text>"
    under = "#010101" if color == WHITE else "#ccc"
    return (
        f'<text {place} y="{style.baseline + 1}" fill="{under}" fill-opacity=".3"'
        f' aria-hidden="true">{escape(box.text)}</text>{drawn}</text>'
    )
