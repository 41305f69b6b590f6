"""Numbers and their change, in words."""

import re

from feeds.figures import BREAKDOWNS, Comparison, Figures
from feeds.periods import BEFORE
from packages.clients import OTHER
from packages.mirrors import NULL, Dimension

UNKNOWN = "not sent"
"""What the category ``null`` is called."""
TIMES_FROM = 10
"""From so many times as many on, per cent say less than times."""

_ENTITY = re.compile(r"&(?=#?\w+;)")
"""An ampersand that begins the name of a character, as HTML reads it."""


def change(now: int, before: int) -> str:
    """Say how ``now`` differs from ``before``, which is not zero."""
    if now == before:
        return "unchanged"
    if now >= TIMES_FROM * before:
        return f"{now / before:,.0f} times as many"
    percent = 100 * (now - before) / before
    direction = "up" if percent > 0 else "down"
    shown = f"{abs(percent):.1f}"
    if shown == "0.0":
        return "almost unchanged"
    if now and percent < 0 and shown == "100.0":
        shown = "more than 99.9"
    return f"{direction} {shown} %"


def share(part: int, whole: int) -> str:
    """Say how much of ``whole`` it is; neither all nor nothing unless it is."""
    shown = f"{100 * part / whole:.1f}"
    if shown == "100.0" and part < whole:
        return "more than 99.9 %"
    if shown == "0.0" and part:
        return "less than 0.1 %"
    return f"{shown} %"


def downloads(number: int) -> str:
    return "1 download" if number == 1 else f"{number:,} downloads"


def title(name: str, one: Figures) -> str:
    text = f"{name}: {downloads(one.now.without_mirrors)} {one.period.when}"
    if one.told.counted.missing:
        return f"{text} ({one.told.counted.coverage})"
    before = one.before
    if before is None or not before.comparable:
        return text
    if before.downloads == 0:
        return text if one.now.without_mirrors == 0 else f"{text}, none before"
    return f"{text}, {change(one.now.without_mirrors, before.downloads)}"


def summary(name: str, one: Figures) -> str:
    """One or two plain sentences, for readers that show no more."""
    total = one.now.without_mirrors
    parts = [f"{downloads(total)} of {name} {one.period.when}{_against(one.before)}."]
    shares = [
        f"{_spelled(dimension, rows[0][0])} {share(rows[0][1], total)}"
        for dimension, rows in one.now.breakdowns.items()
        if rows
    ]
    if shares:
        parts.append(f"Most: {', '.join(shares)}.")
    return " ".join(parts)


def _against(before: Comparison | None) -> str:
    if before is None or not before.comparable:
        return ""
    return f", after {before.downloads:,} {BEFORE[before.period.every]}"


def called(category: str) -> str:
    return UNKNOWN if category == NULL else category


def _spelled(dimension: Dimension, category: str) -> str:
    """Name a category where no heading says what it is of."""
    if dimension is Dimension.PYTHON_MINOR or category in (NULL, OTHER):
        return f"{BREAKDOWNS[dimension]} {called(category)}"
    return category


def plain(text: str) -> str:
    """Return one line that XML can hold and no reader takes for HTML in a title."""
    line = " ".join(text.split()).replace("<", "\u2039").replace(">", "\u203a")
    return _ENTITY.sub("& ", "".join(filter(str.isprintable, line)))
