"""One run of ingest, start to end: from a source to counted days."""

import logging
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import Error, connection

from ingest import interrupts
from ingest.engine import first_line
from ingest.exceptions import IngestError, NotYetError
from ingest.failures import FailingDay, unexplained_days
from ingest.holes import days_to_count, overdue_day
from ingest.interrupts import Interrupted
from ingest.lock import only_ingest
from ingest.models import IngestRun
from ingest.packing import pack
from ingest.plausibility import Trust, examine
from ingest.sources import configured_source
from ingest.sources.base import DayRange, DownloadSource
from ingest.spool import Spool, remove_leftovers
from packages import recents, store, upkeep
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
    force: bool = False
    """Whether implausibly small days count."""
    asked_for: bool = True
    """Whether somebody named the days, rather than the daily task."""
    on_day: Callable[[CountedDay], object] = lambda _: None
    """Called for each day once it is counted."""
    on_phase: Callable[[str], object] = lambda _: None
    """Called with what is done next: reading, packing or storing."""


@dataclass
class Outcome:
    """What an ingest did, for whoever started it."""

    counted: list[CountedDay] = field(default_factory=list)
    failed: dict[date | None, str] = field(default_factory=dict)
    not_yet: set[date | None] = field(default_factory=set)
    """Those of ``failed`` that the source does not have, or not yet."""
    skipped: dict[str, int] = field(default_factory=dict)
    """Reason -> rows or lines that were not counted."""

    def fail(self, day: date | None, error: BaseException) -> None:
        self.failed[day] = str(error)
        if isinstance(error, NotYetError):
            self.not_yet.add(day)

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
        recents.bring_up_to_date()
    return outcome


def ingest_missing() -> Outcome:
    """Read the last days again, fill the newest holes, trim.

    What the daily task does: it asks the ledger what is missing, never the clock what
    is due, so a run that did not take place is made up for by the next.
    """
    source = configured_source()
    missing = set(CountedDay.objects.missing().values_list("day", flat=True))
    outcome = ingest(source, Order(days_to_count(source.name), asked_for=False))
    upkeep.trim()
    upkeep.settle_months()
    failing = {failing.day: failing for failing in unexplained_days(source.name)}
    for failing_day in failing.values():
        logger.warning("%s", failing_day.report())
    _forgive(outcome, missing, failing)
    return outcome


def _forgive(
    outcome: Outcome, missing: Collection[date], failing: Mapping[date, FailingDay]
) -> None:
    """Leave out of the failures what changes nothing.

    That is days that keep the numbers they had, and holes known before that the source
    still does not have, or that an incident accounts for.
    """
    for day, error in list(outcome.failed.items()):
        if day and CountedDay.objects.complete().filter(day=day).exists():
            logger.info("%s was not read again: %s", day, error)
            del outcome.failed[day]
        elif day and day in missing and not (day in failing and failing[day].is_odd):
            del outcome.failed[day]


def refresh_recents() -> None:
    """Recompute recents where needed; an ingest that is running does so at its end."""
    with only_ingest():
        recents.bring_up_to_date()


def is_overdue() -> bool:
    """Say whether the daily task should have counted a day by now, and has not.

    A day that was tried often enough is left to the next daily task: what kills the
    worker each time must not go on for ever. So is a ledger without any day.
    """
    day = overdue_day()
    if day is None:
        return False
    since = datetime.now(UTC) - timedelta(days=1)
    tried = IngestRun.objects.filter(day=day, started_at__gte=since)
    return tried.count() < MOST_TRIES


def _ingest_chunk(
    source: DownloadSource, chunk: DayRange, order: Order, outcome: Outcome
) -> None:
    with Spool() as spool:
        order.on_phase("reading")
        try:
            source.fill(spool, chunk, tracked_packages())
            interrupts.check()
        except BaseException as error:
            cause = interrupts.cause_of(error)
            _fail_all(source, _wanted(chunk, order), spool, cause, outcome)
            interrupts.check()
            if isinstance(error, EXPECTED):
                return
            raise
        for day in days_of(spool, source, chunk, order):
            try:
                counted = ingest_day(day, source.name, spool, order)
            except EXPECTED as error:
                outcome.fail(day, error)
            else:
                outcome.counted.append(counted)
                order.on_day(counted)
            interrupts.check()
        outcome.skip(spool.skipped)


def _wanted(chunk: DayRange, order: Order) -> list[date]:
    return [day for day in order.days or () if day in chunk]


def days_of(
    spool: Spool, source: DownloadSource, chunk: DayRange, order: Order
) -> Iterable[date]:
    if order.days is None:
        return _countable(spool, source.name)
    return _wanted(chunk, order)


def ingest_day(day: date, source: str, spool: Spool, order: Order) -> CountedDay:
    """Replace ``day`` by what ``spool`` holds of it, and keep an account of the run.

    A failed run leaves the day's earlier numbers untouched and re-raises the error.
    """
    with interrupts.shielded():
        run = _begin(day, source, spool)
    try:
        interrupts.check()
        before = store.check_day(day, source)
        order.on_phase("packing")
        packed = pack(spool, day, tracked_packages())
        trust = Trust(force=order.force, asked_for=order.asked_for)
        found = examine(packed, source, before, trust)
        order.on_phase("storing")
        # What is committed is put on record, be it that a signal came too late.
        with interrupts.shielded():
            with interrupts.cutting():
                counted = store.replace_day(packed, source, found)
            run.succeed(
                packages=packed.packages,
                downloads=packed.downloads,
                skipped=spool.skipped.total(),
            )
    except BaseException as error:
        _fail(run, interrupts.cause_of(error))
        interrupts.check()
        raise
    logger.info("Counted %s: %s downloads from %s", day, packed.downloads, source)
    return counted


def _begin(day: date, source: str, spool: Spool) -> IngestRun:
    scan = spool.scans[day]
    return IngestRun.begin(
        day, source, bytes_estimated=scan.estimated, bytes_billed=scan.billed
    )


def _fail(run: IngestRun, error: BaseException) -> None:
    """Put the failure on record; raise the database's error where that is not possible.

    The session is lost then, and the lock with it: no other day may be counted.
    """
    logger.error("%s was not counted: %s", run.day, first_line(error))
    try:
        if isinstance(error, Interrupted):
            run.abandon(str(error))
            return
        run.fail(error)
        if not isinstance(error, DownloadsError):
            store.mark_missing(run.day)
    except Error:
        connection.close()
        raise


def _fail_all(
    source: DownloadSource,
    days: Sequence[date],
    spool: Spool,
    error: BaseException,
    outcome: Outcome,
) -> None:
    for day in days:
        _fail(_begin(day, source.name, spool), error)
        outcome.fail(day, error)
    if not days:
        outcome.fail(None, error)


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


def tracked_packages() -> Collection[str] | None:
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
