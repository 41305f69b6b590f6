"""Whether a day is believed: a source that broke must not wipe out a good day."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median

from django.conf import settings

from ingest.exceptions import ImplausibleDayError
from packages.models import CountedDay
from packages.packed_day import Found, PackedDay, definition_on

logger = logging.getLogger(__name__)

LEAST_OF_BEFORE = 0.5
"""A day counted again holds at least this part of the most that it held."""

LEAST_OF_MEDIAN = 0.1
"""A day that is new or shrinks holds at least this part of its weekday's median."""

LARGE = 1.7
"""From so many times the median on, a day may hold its rows twice: that is told."""

WEEKS = 8
FEWEST_WEEKS = 3
NOISE = 1000
"""Below so many downloads a day, a median says nothing and a smaller day is likely."""

Check = CountedDay.Check
LARGE_DAY = (
    "%s has %s downloads where %.0f are usual on that weekday; that counts. Look at the"
    " source; if rows are there twice, count the day again once that is mended."
)


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a day is believed unseen."""

    force: bool
    """Somebody said that it is true."""
    asked_for: bool
    """Somebody asked for this very day."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The median of the same weekday in the weeks around a day; None for too few."""

    downloads: float | None
    comparable: float | None
    """Of those weeks alone in which a download meant what it means on the day."""


def examine(
    packed: PackedDay,
    source: str,
    before: CountedDay | None,
    trust: Trust,
    packages: Collection[str] | None = None,
) -> Found:
    """Return what goes on record of the day besides its numbers.

    ``packages`` are the only ones that were looked for (None: all). Raise
    ``ImplausibleDayError`` for a day too small to be true.
    """
    found = Found(definition_in_force(packed.day, source), packages=packages)
    if trust.force:
        return replace(found, checks=[Check.FORCED])
    usual = _usual(packed.day, source, found)
    return replace(found, checks=_checks(packed, usual, before, trust))


def definition_in_force(day: date, source: str) -> CountedDay.Definition:
    """Name what counted as a download in ``source`` on ``day``."""
    only_artifacts = source == "access_log" or (
        source == "bigquery" and settings.BIGQUERY_ARTIFACTS_ONLY
    )
    return CountedDay.Definition.ARTIFACTS if only_artifacts else definition_on(day)


def _checks(
    packed: PackedDay, usual: Usual, before: CountedDay | None, trust: Trust
) -> list[Check]:
    """Return what the day was found to be, unless it is too small.

    A day without downloads is true where days are small: a quiet index has such days.
    What somebody asked to be counted again may shrink while it is small, but not to
    nothing; what is read again unasked may not: half of its log may be gone by now.
    A day too large is counted: nobody can tell which of its rows are there twice.
    """
    if before is None or not before.counted_at:
        _refuse_unusual(packed, usual)
        return _size(packed, usual)
    if packed.downloads < before.downloads:
        _refuse_loss(packed, before, asked_for=trust.asked_for)
        _refuse_unusual(packed, usual)
    half = before.most_counted() * LEAST_OF_BEFORE
    kept = Check.KEPT if packed.downloads >= half else Check.SHRUNK
    return [kept, *_size(packed, usual)]


def _refuse_unusual(packed: PackedDay, usual: Usual) -> None:
    if usual.downloads and packed.downloads < usual.downloads * LEAST_OF_MEDIAN:
        message = (
            f"{packed.day} has {packed.downloads} downloads where"
            f" {usual.downloads:.0f} are usual on that weekday; it is not counted"
            " (--force counts it)."
        )
        raise ImplausibleDayError(message)


def _refuse_loss(packed: PackedDay, before: CountedDay, *, asked_for: bool) -> None:
    """Measure by the most on record: else a little more could be lost each time."""
    most = before.most_counted()
    least = most * LEAST_OF_BEFORE
    if asked_for and most < NOISE:
        least = min(most, 1)
    if packed.downloads < least:
        message = (
            f"{packed.day} has {packed.downloads} downloads now and had"
            f" {most}; the day stays as it was (--force replaces it)."
        )
        raise ImplausibleDayError(message)


def _size(packed: PackedDay, usual: Usual) -> list[Check]:
    if usual.downloads is None:
        return [Check.NOTHING_USUAL]
    small = packed.downloads < usual.downloads * LEAST_OF_MEDIAN
    found = [] if small else [Check.NOT_SMALL]
    if usual.comparable is None:
        return found
    if packed.downloads < usual.comparable * LARGE:
        return [*found, Check.NOT_LARGE]
    logger.warning(LARGE_DAY, packed.day, packed.downloads, usual.comparable)
    return [*found, Check.LARGE]


def _usual(day: date, source: str, found: Found) -> Usual:
    """Look at later weeks too: holes are filled when these are counted already.

    Days of other packages are no measure: a large one may be tracked no longer.
    """
    weeks = [week for week in range(-WEEKS, WEEKS + 1) if week]
    weekdays = [day + timedelta(weeks=week) for week in weeks]
    ledger = CountedDay.objects.comparable_with(source).usual()
    ledger = ledger.filter(day__in=weekdays, counted_for=found.counted_for)
    rows = list(ledger.values_list("downloads", "definition"))
    alike = [downloads for downloads, counted in rows if counted == found.definition]
    return Usual(_median([downloads for downloads, _ in rows]), _median(alike))


def _median(downloads: list[int]) -> float | None:
    if len(downloads) < FEWEST_WEEKS or median(downloads) < NOISE:
        return None
    return median(downloads)
