"""A bar chart as a small PNG, drawn with Pillow: no font files, no big imports."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from PIL import Image, ImageColor, ImageDraw, ImageFont

from feeds.pictures import HEIGHT, WIDTH

SCALE = 2
"""Pixels of the picture for one of the page."""

PAPER, INK, MUTED, GRID = "#ffffff", "#1b1f1d", "#5b635f", "#dfddd5"
BAR, LAST, UNKNOWN = "#8fbfb2", "#0f5c4d", "#ecebe6"
LEFT, RIGHT, TOP, BOTTOM = 64, 14, 54, 34
MOST_LINES = 5
SHADES = 15
"""Between the paper and a text's colour, for its smooth edges."""

SUFFIXES = ((1_000_000_000, " bn"), (1_000_000, " M"), (1_000, " k"))

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class Bar:
    """``label`` stands below, where there is room; None was never counted."""

    label: str
    value: int | None
    whole: bool = True
    """Whether all of its days were counted; if not, it is drawn hollow."""


@dataclass(frozen=True, slots=True)
class BarChart:
    """What to draw; the last bar is the one that it is about."""

    title: str
    subtitle: str
    bars: Sequence[Bar]


def png(chart: BarChart) -> bytes:
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), PAPER)
    draw = ImageDraw.Draw(image)
    _heading(draw, chart)
    largest = max((bar.value or 0 for bar in chart.bars), default=0)
    step = nice_step(largest)
    lines = max(1, math.ceil(largest / step))
    _grid(draw, step, lines)
    for place, bar in enumerate(chart.bars):
        _bar(draw, bar, place, len(chart.bars), step * lines)
    _labels(draw, [bar.label for bar in chart.bars])
    file = BytesIO()
    # Colours that are known need no search, which took longer than all the rest.
    few = image.quantize(palette=_palette(), dither=Image.Dither.NONE)
    few.save(file, "PNG", optimize=True)
    return file.getvalue()


def nice_step(largest: int) -> int:
    """Return the distance of the lines: 1, 2, 2.5 or 5 times a power of ten."""
    least = max(1, math.ceil(largest / MOST_LINES))
    power: int = 10 ** int(math.log10(least))
    sizes = (power, 2 * power, 5 * power // 2, 5 * power, 10 * power)
    return min(size for size in sizes if size >= least)


def short(number: int) -> str:
    """Write a round number as an axis does: 2.5 M."""
    for size, suffix in SUFFIXES:
        if number >= size:
            return f"{number / size:g}{suffix}"
    return str(number)


def _heading(draw: ImageDraw.ImageDraw, chart: BarChart) -> None:
    title, font = chart.title, _font(17)
    widest = (WIDTH - 2 * RIGHT) * SCALE
    while draw.textlength(title, font) > widest:
        title = f"{title.rstrip('…')[:-1]}…"
    draw.text((RIGHT * SCALE, 8 * SCALE), title, INK, font)
    draw.text((RIGHT * SCALE, 30 * SCALE), chart.subtitle, MUTED, _font(12))


def _grid(draw: ImageDraw.ImageDraw, step: int, lines: int) -> None:
    for line in range(lines + 1):
        y = _y(line / lines)
        draw.line((LEFT * SCALE, y, (WIDTH - RIGHT) * SCALE, y), GRID, SCALE)
        place = ((LEFT - 8) * SCALE, y)
        draw.text(place, short(step * line), MUTED, _font(12), anchor="rm")


def _bar(draw: ImageDraw.ImageDraw, bar: Bar, place: int, bars: int, top: int) -> None:
    left, right = _span(place, bars)
    gap = max(1, round((right - left) * 0.14))
    box = [left + gap, _y(0), right - gap, _y(0)]
    if bar.value is None:
        box[1] = _y(1)
        draw.rectangle(box, UNKNOWN)
    elif bar.value:
        box[1] = min(_y(bar.value / top), _y(0) - SCALE)
        colour = LAST if place == bars - 1 else BAR
        draw.rectangle(box, colour if bar.whole else PAPER, colour, 2 * SCALE)


def _labels(draw: ImageDraw.ImageDraw, labels: Sequence[str]) -> None:
    """Write every so many labels, counted back from the last."""
    font = _font(12)
    widest = max((draw.textlength(label, font) for label in labels), default=1)
    room = (WIDTH - LEFT - RIGHT) * SCALE
    every = math.ceil(len(labels) * (widest + 14 * SCALE) / room)
    for place in range(len(labels) - 1, -1, -max(1, every)):
        left, right = _span(place, len(labels))
        middle = min((left + right) / 2, WIDTH * SCALE - widest / 2 - 4)
        y = _y(0) + 8 * SCALE
        draw.text((middle, y), labels[place], MUTED, font, anchor="mt")


def _span(place: int, bars: int) -> tuple[int, int]:
    room = (WIDTH - LEFT - RIGHT) * SCALE
    return (
        LEFT * SCALE + room * place // bars,
        LEFT * SCALE + room * (place + 1) // bars,
    )


def _y(height: float) -> int:
    return round((HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * height) * SCALE)


@cache
def _font(size: int) -> Font:
    return ImageFont.load_default(size * SCALE)


@cache
def _palette() -> Image.Image:
    paper = ImageColor.getrgb(PAPER)
    colours = [
        tuple(round(a + (b - a) * n / SHADES) for a, b in zip(paper, text, strict=True))
        for text in map(ImageColor.getrgb, (INK, MUTED))
        for n in range(SHADES + 1)
    ]
    colours += map(ImageColor.getrgb, (GRID, BAR, LAST, UNKNOWN))
    image = Image.new("P", (1, 1))
    image.putpalette([part for colour in colours for part in colour])
    return image
