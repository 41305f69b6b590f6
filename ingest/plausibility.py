"""Whether a day is believed: a source that broke must not wipe out a good day."""

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from ingest.exceptions import ImplausibleDayError
from packages.models import CountedDay
from packages.store import PackedDay, definition_on

LEAST_OF_BEFORE = 0.5
"""A day counted again holds at least this part of what it held."""

LEAST_OF_MEDIAN = 0.1
"""A new day holds at least this part of the same weekday's median."""

LARGE = 1.7
"""From so many times the median on, a day may hold its rows twice: that is told."""

WEEKS = 8
FEWEST_WEEKS = 3
NOISE = 1000
"""Below so many downloads a day, a median says nothing and a smaller day is likely."""

Check = CountedDay.Check


@dataclass(frozen=True, slots=True)
class Usual:
    """The median of the same weekday in the weeks around a day; None for too few."""

    downloads: float | None
    comparable: float | None
    """Of those weeks alone in which a download meant what it means on the day."""


def check_plausible(
    packed: PackedDay, source: str, before: CountedDay | None, *, asked_for: bool
) -> list[Check]:
    """Return what the day was found to be; raise ``ImplausibleDayError`` if too small.

    A day without downloads is true where days are small: a quiet index has such days.
    What somebody asked to be counted again may shrink while it is small, but not to
    nothing; what is read again unasked may not: half of its log may be gone by now.
    A day too large is counted: nobody can tell which of its rows are there twice.
    """
    usual = _usual(packed.day, source)
    if before and before.counted_at:
        _refuse_loss(packed, before, asked_for=asked_for)
        return [Check.KEPT, *_size(packed, usual)]
    if usual.downloads and packed.downloads < usual.downloads * LEAST_OF_MEDIAN:
        message = (
            f"{packed.day} has {packed.downloads} downloads where"
            f" {usual.downloads:.0f} are usual on that weekday; it is not counted"
            " (--force counts it)."
        )
        raise ImplausibleDayError(message)
    return _size(packed, usual)


def _refuse_loss(packed: PackedDay, before: CountedDay, *, asked_for: bool) -> None:
    least = before.downloads * LEAST_OF_BEFORE
    if asked_for and before.downloads < NOISE:
        least = min(before.downloads, 1)
    if packed.downloads < least:
        message = (
            f"{packed.day} has {packed.downloads} downloads now and had"
            f" {before.downloads}; the day stays as it was (--force replaces it)."
        )
        raise ImplausibleDayError(message)


def _size(packed: PackedDay, usual: Usual) -> list[Check]:
    if usual.downloads is None:
        return [Check.NOTHING_USUAL]
    small = packed.downloads < usual.downloads * LEAST_OF_MEDIAN
    found = [] if small else [Check.NOT_SMALL]
    if usual.comparable is None:
        return found
    large = packed.downloads >= usual.comparable * LARGE
    return [*found, Check.LARGE if large else Check.NOT_LARGE]


def _usual(day: date, source: str) -> Usual:
    """Look at later weeks too: holes are filled when these are counted already."""
    weeks = [week for week in range(-WEEKS, WEEKS + 1) if week]
    weekdays = [day + timedelta(weeks=week) for week in weeks]
    ledger = CountedDay.objects.comparable_with(source).usual()
    rows = list(ledger.filter(day__in=weekdays).values_list("downloads", "definition"))
    now = definition_on(day)
    alike = [downloads for downloads, definition in rows if definition == now]
    return Usual(_median([downloads for downloads, _ in rows]), _median(alike))


def _median(downloads: list[int]) -> float | None:
    if len(downloads) < FEWEST_WEEKS or median(downloads) < NOISE:
        return None
    return median(downloads)
