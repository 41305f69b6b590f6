"""Whether a day is believed: a source that broke must not wipe out a good day."""

from datetime import date, timedelta
from statistics import median

from ingest.exceptions import ImplausibleDayError
from packages.models import CountedDay
from packages.store import PackedDay

LEAST_OF_BEFORE = 0.5
"""A day counted again holds at least this part of what it held."""

LEAST_OF_MEDIAN = 0.1
"""A new day holds at least this part of the same weekday's median."""

WEEKS = 8
FEWEST_WEEKS = 3
NOISE = 1000
"""Below so many downloads a day, a median says nothing and a smaller day is likely."""


def check_plausible(
    packed: PackedDay, source: str, before: CountedDay | None, *, asked_for: bool
) -> None:
    """Raise ``ImplausibleDayError`` for a day too small to be true.

    A day without downloads is true where days are small: a quiet index has such days.
    What somebody asked to be counted again may shrink while it is small, but not to
    nothing; what is read again unasked may not: half of its log may be gone by now.
    """
    if before and before.counted_at:
        least = before.downloads * LEAST_OF_BEFORE
        if asked_for and before.downloads < NOISE:
            least = min(before.downloads, 1)
        if packed.downloads < least:
            message = (
                f"{packed.day} has {packed.downloads} downloads now and had"
                f" {before.downloads}; the day stays as it was (--force replaces it)."
            )
            raise ImplausibleDayError(message)
        return
    usual = _usual(packed.day, source)
    if usual is not None and packed.downloads < usual * LEAST_OF_MEDIAN:
        message = (
            f"{packed.day} has {packed.downloads} downloads where {usual:.0f} are usual"
            " on that weekday; it is not counted (--force counts it)."
        )
        raise ImplausibleDayError(message)


def _usual(day: date, source: str) -> float | None:
    weekdays = [day - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    ledger = CountedDay.objects.comparable_with(source).complete()
    downloads = list(
        ledger.filter(day__in=weekdays).values_list("downloads", flat=True)
    )
    if len(downloads) < FEWEST_WEEKS or median(downloads) < NOISE:
        return None
    return median(downloads)
