"""Which days and packages of a source are counted."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from django.conf import settings

from ingest.exceptions import IngestError, NarrowerDayError
from ingest.sources.base import DayRange, DownloadSource
from ingest.spool import Spool
from packages import store
from packages.models import CountedDay, Package
from packages.snapshot import first_kept_day


def asked_for(chunk: DayRange, days: Sequence[date] | None) -> list[date]:
    """Return those of ``days`` that are in a portion."""
    return [day for day in days or () if day in chunk]


def days_of(
    spool: Spool, source: DownloadSource, chunk: DayRange, days: Sequence[date] | None
) -> Iterable[date]:
    """Return the days of a portion that are counted; None: whatever it holds."""
    if days is None:
        return _countable(spool, source.name)
    return asked_for(chunk, days)


def _countable(spool: Spool, source: str) -> Iterator[date]:
    """The days of a source read from end to end, without those that cannot count.

    They are reported, not failed: nobody asked for them by name.
    """
    held = spool.days()
    today = store.today()
    known = [day for day in held if day <= today]
    last = CountedDay.objects.comparable_with(source).last_shown()
    over = [day for day in known if day < today] or known
    newest = max([*over, *([last.day] if last else [])], default=today)
    for day in held:
        if day > today:
            _skip_day(spool, day, "of days that have not begun")
        elif day < first_kept_day(newest):
            _skip_day(spool, day, "of days before the kept ones (RETENTION_DAYS)")
        else:
            yield day


def _skip_day(spool: Spool, day: date, reason: str) -> None:
    rows = spool.value("SELECT sum(downloads) FROM cells WHERE day = ?", [day])
    spool.skipped[reason] += int(rows or 0)


def wanted_packages(days: DayRange) -> Collection[str] | None:
    """Name the packages that are counted on any of ``days``; None: all.

    These are the tracked ones, and those that a day was counted for before: a day that
    is read again must not lose them, be they tracked no longer.
    """
    tracked = _tracked_packages()
    if tracked is None:
        return None
    ledger = CountedDay.objects.counted().for_some()
    if days.first:
        ledger = ledger.filter(day__gte=days.first)
    if days.last:
        ledger = ledger.filter(day__lte=days.last)
    before = [day.packages_counted or () for day in ledger.only("counted_for")]
    return sorted(tracked.union(*before))


def wanted_on(day: date, *, force: bool) -> Collection[str] | None:
    """Name the packages that ``day`` is counted for; None: all.

    Raise ``NarrowerDayError`` rather than replace the numbers of all packages by those
    of a few, unless that is forced.
    """
    wanted = wanted_packages(DayRange(day, day))
    if wanted is not None and not force:
        before = CountedDay.objects.complete().filter(day=day).first()
        if before and before.packages_counted is None:
            raise NarrowerDayError(day)
    return wanted


def _tracked_packages() -> set[str] | None:
    if settings.INGEST_PACKAGES == "all":
        return None
    names = set(
        Package.objects.tracked().values_list("normalized_name", flat=True).order_by()
    )
    if not names:
        message = (
            "INGEST_PACKAGES is 'tracked' and no package is: choose some with"
            " manage.py track NAME."
        )
        raise IngestError(message)
    return names
