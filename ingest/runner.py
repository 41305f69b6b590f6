"""One run of ingest, start to end: from a source to counted days."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db import Error, connection

from ingest.exceptions import IngestError
from ingest.lock import only_ingest
from ingest.models import IngestRun
from ingest.plausibility import check_plausible
from ingest.sources import configured_source
from ingest.sources.base import DayRange, DownloadSource
from ingest.spool import Spool, first_line, remove_leftovers
from packages import store
from packages.exceptions import DownloadsError
from packages.models import CountedDay, Package
from packages.snapshot import first_kept_day

logger = logging.getLogger(__name__)

MOST_TRIES = 3
"""Runs of one day within a day, before it waits for the daily task."""

EXPECTED = (IngestError, DownloadsError)
"""Errors that concern one day or portion; any other ends the whole ingest."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be counted, and how."""

    days: Sequence[date] | None = None
    """None: every day that the source holds."""
    known_gaps: Collection[date] = ()
    """Days known to be missing: that the source still lacks them is no failure."""
    force: bool = False
    """Whether implausibly small days count."""
    asked_for: bool = True
    """Whether somebody named the days, rather than the daily task."""
    on_day: Callable[[CountedDay], object] = lambda _: None
    """Called for each day once it is counted."""


@dataclass
class Outcome:
    """What an ingest did, for whoever started it."""

    counted: list[CountedDay] = field(default_factory=list)
    failed: dict[date | None, str] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    """Reason -> rows or lines that were not counted."""

    def skip(self, reasons: dict[str, int]) -> None:
        for reason, number in reasons.items():
            self.skipped[reason] = self.skipped.get(reason, 0) + number


def ingest(source: DownloadSource, order: Order) -> Outcome:
    """Count the days of ``order``; keep an account of each.

    A day that fails stays as it was, is named in the outcome, and does not keep the
    others from being counted. Raise ``AnotherIngestError`` while another ingest runs.
    """
    outcome = Outcome()
    with only_ingest():
        IngestRun.abandon_running()
        remove_leftovers()
        for chunk in source.chunks(order.days):
            _ingest_chunk(source, chunk, order, outcome)
    return outcome


def ingest_missing() -> Outcome:
    """Count every missing day up to yesterday, read the last days again, trim.

    What the daily task does: it asks the ledger what is missing, never the clock what
    is due, so a run that did not take place is made up for by the next.
    """
    source = configured_source()
    missing = CountedDay.objects.filter(status=CountedDay.Status.MISSING)
    order = Order(
        days=days_to_count(source.name),
        known_gaps=set(missing.values_list("day", flat=True)),
        asked_for=False,
    )
    outcome = ingest(source, order)
    store.trim()
    for day, error in list(outcome.failed.items()):
        if day and CountedDay.objects.counted().filter(day=day).exists():
            logger.info("%s was not read again: %s", day, error)
            del outcome.failed[day]
    return outcome


def is_overdue() -> bool:
    """Say whether the daily task should have counted a day by now, and has not.

    A day that was tried often enough is left to the next daily task: what kills the
    worker each time must not go on for ever. So is a ledger without any day.
    """
    now = datetime.now(UTC)
    due = time.fromisoformat(f"{settings.INGEST_TIME_UTC:0>5}")
    day = now.date() - timedelta(days=1 if now.time() >= due else 2)
    ledger = CountedDay.objects.comparable_with(settings.INGEST_SOURCE)
    if not ledger.counted().exists() or ledger.complete().filter(day=day).exists():
        return False
    tried = IngestRun.objects.filter(day=day, started_at__gte=now - timedelta(days=1))
    return tried.count() < MOST_TRIES


def days_to_count(source: str) -> list[date]:
    """Days from the first counted one to yesterday that are missing or may settle."""
    yesterday = store.today() - timedelta(days=1)
    ledger = CountedDay.objects.comparable_with(source)
    complete = set(ledger.complete().values_list("day", flat=True))
    first = max(min(complete, default=yesterday), first_kept_day(yesterday))
    if complete:
        first = max(first, first_kept_day(max(complete)))
    settled = yesterday - timedelta(days=settings.INGEST_TRAILING_DAYS)
    span = (yesterday - first).days + 1
    days = [first + timedelta(days=offset) for offset in range(span)]
    return [day for day in days if day > settled or day not in complete]


def _ingest_chunk(
    source: DownloadSource, chunk: DayRange, order: Order, outcome: Outcome
) -> None:
    with Spool() as spool:
        try:
            source.fill(spool, chunk, _tracked())
        except EXPECTED as error:
            _fail_all(source, _wanted(chunk, order), error, outcome)
            return
        for day in _days_of(spool, source, chunk, order):
            try:
                counted = ingest_day(day, source.name, spool, order)
            except EXPECTED as error:
                outcome.failed[day] = str(error)
            else:
                outcome.counted.append(counted)
                order.on_day(counted)
        outcome.skip(spool.skipped)


def _wanted(chunk: DayRange, order: Order) -> list[date]:
    return [day for day in order.days or () if day in chunk]


def _days_of(
    spool: Spool, source: DownloadSource, chunk: DayRange, order: Order
) -> Iterable[date]:
    if order.days is None:
        return _countable(spool, source.name)
    still_missing = set(order.known_gaps) - set(spool.days())
    return [day for day in _wanted(chunk, order) if day not in still_missing]


def ingest_day(day: date, source: str, spool: Spool, order: Order) -> CountedDay:
    """Replace ``day`` by what ``spool`` holds of it, and keep an account of the run.

    A failed run leaves the day's earlier numbers untouched and re-raises the error.
    """
    run = IngestRun.begin(day, source)
    try:
        before = store.check_day(day, source)
        packed = spool.pack(day, _tracked())
        if not order.force:
            check_plausible(packed, source, before, asked_for=order.asked_for)
        counted = store.replace_day(packed, source)
    except BaseException as error:
        _fail(run, error)
        raise
    run.succeed(
        packages=packed.packages,
        downloads=packed.downloads,
        skipped=spool.skipped.total(),
    )
    logger.info("Counted %s: %s downloads from %s", day, packed.downloads, source)
    return counted


def _fail(run: IngestRun, error: BaseException) -> None:
    """Put the failure on record; raise the database's error where that is not possible.

    The session is lost then, and the lock with it: no other day may be counted.
    """
    logger.error("%s was not counted: %s", run.day, first_line(error))
    try:
        run.fail(error)
        if not isinstance(error, DownloadsError):
            store.mark_missing(run.day)
    except Error:
        connection.close()
        raise


def _fail_all(
    source: DownloadSource,
    days: Sequence[date],
    error: Exception,
    outcome: Outcome,
) -> None:
    for day in days:
        _fail(IngestRun.begin(day, source.name), error)
        outcome.failed[day] = str(error)
    if not days:
        outcome.failed[None] = str(error)


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


def _tracked() -> Collection[str] | None:
    if settings.INGEST_PACKAGES == "all":
        return None
    names = list(
        Package.objects.tracked().values_list("normalized_name", flat=True).order_by()
    )
    if not names:
        message = (
            "INGEST_PACKAGES is 'tracked' and no package is: choose some with"
            " manage.py track NAME."
        )
        raise IngestError(message)
    return names
